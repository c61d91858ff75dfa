import { VERSION } from '@trojanscope/core';
import { Command } from 'commander';
import { dataOption } from '../config.js';
import { pluginsOption } from '../plugins/choose.js';
import { ConfigurationError, EXIT_CONFIG } from '../store/dataFolder.js';
import { refusalOf } from '../store/diskFull.js';
import { backupCommands } from './backup.js';
import { dataCommand } from './data.js';
import { modelCommand } from './model.js';
import { pluginsCommand } from './plugins.js';
import { studyCommand } from './study.js';
import { userCommand } from './user.js';

const program = new Command('npm run trojanscope --')
  .description('When does a backdoor fail to fire, and why.')
  .version(VERSION)
  .addOption(pluginsOption())
  .showHelpAfterError();

program
  .command('doctor')
  .description('tell what engine, device and data are in use, and what is missing')
  .addOption(dataOption())
  .option('--json', 'for programs')
  .action(async ({ data, json }: { data: string; json?: boolean }) => {
    // The doctor looks at the whole server, which takes longer to load than most commands to run.
    const { examine } = await import('../doctor.js');
    const findings = await examine(data);
    if (json) console.log(JSON.stringify(findings, null, 2));
    else
      for (const { what, ok, says } of findings) console.log(`${ok ? '✓' : '✗'} ${what.padEnd(15)} ${says}`);
    process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
  });

program.addCommand(dataCommand());
program.addCommand(modelCommand());
program.addCommand(studyCommand());
for (const command of backupCommands()) program.addCommand(command);
program.addCommand(userCommand());
program.addCommand(pluginsCommand());

try {
  await program.parseAsync();
} catch (error) {
  // A refusal of ours, or of the system (a file that may not be written): the message is for people.
  const refusal = refusalOf(error);
  const said = refusal ?? (error instanceof Error && 'syscall' in error ? error : undefined);
  if (!said) throw error;
  console.error(said.message);
  if (refusal instanceof ConfigurationError) process.exitCode = EXIT_CONFIG;
  else process.exitCode = refusal?.code === 'ABORTED' ? 130 : 1;
}
