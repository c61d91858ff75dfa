import path from 'node:path';
import { TrojanscopeError, VERSION } from '@trojanscope/core';
import { Command } from 'commander';
import { backupCommands } from './commands/backup.js';
import { modelCommand } from './commands/model.js';
import { studyCommand } from './commands/study.js';
import { userCommand } from './commands/user.js';
import { dataOption } from './config.js';
import { dataCommand } from './datasets/dataCommand.js';

const program = new Command('npm run trojanscope --')
  .description('When does a backdoor fail to fire, and why.')
  .version(VERSION)
  .showHelpAfterError();

program
  .command('doctor')
  .description('tell what engine, device and data are in use, and what is missing')
  .addOption(dataOption())
  .option('--json', 'for programs')
  .action(async ({ data, json }: { data: string; json?: boolean }) => {
    // The doctor looks at the whole server, which takes longer to load than most commands to run.
    const { examine } = await import('./doctor.js');
    const findings = await examine(path.resolve(data));
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

try {
  await program.parseAsync();
} catch (error) {
  // A refusal of ours, or of the system (a full disk, a folder that may not be written to): the message is for people.
  const expected = error instanceof TrojanscopeError || (error instanceof Error && 'syscall' in error);
  if (!expected) throw error;
  console.error(error.message);
  process.exitCode = error instanceof TrojanscopeError && error.code === 'ABORTED' ? 130 : 1;
}
