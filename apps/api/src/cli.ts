import path from 'node:path';
import { VERSION } from '@trojanscope/core';
import { Command } from 'commander';
import { dataOption } from './config.js';
import { examine } from './doctor.js';

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
    const findings = await examine(path.resolve(data));
    if (json) console.log(JSON.stringify(findings, null, 2));
    else
      for (const { what, ok, says } of findings) console.log(`${ok ? '✓' : '✗'} ${what.padEnd(15)} ${says}`);
    process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
  });

await program.parseAsync();
