import { Command } from 'commander';
import { dataOption } from '../config.js';
import { examine } from './examine.js';

/** `doctor`: what is in use, and what is missing. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .addOption(dataOption())
    .option('--json', 'for programs')
    .action(async ({ data, json }: { data: string; json?: boolean }) => {
      const findings = await examine(data);
      if (json) console.log(JSON.stringify(findings, null, 2));
      else
        for (const { what, ok, says } of findings)
          console.log(`${ok ? '✓' : '✗'} ${what.padEnd(15)} ${says}`);
      process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
    });
