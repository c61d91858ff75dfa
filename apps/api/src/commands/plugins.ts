import { TrojanscopeError } from '@trojanscope/core';
import { Command } from 'commander';
import { localPath } from '../localPath.js';
import { refusalOfFolder } from '../plugins/choose.js';
import { type TriedCheck, tryPlugins } from '../plugins/tryPlugins.js';

/** `plugins check`: what the contract tests ask of built-in definitions, asked of one's own. */
export function pluginsCommand(): Command {
  const all = new Command('plugins');
  all
    .command('check <folder>')
    .description(
      'hold attacks, transforms, detectors, explainers and data sets of your own against their contract',
    )
    .option('--json', 'for programs')
    .action(async (given: string, { json }: { json?: boolean }) => {
      const folder = localPath(given);
      const refusal = refusalOfFolder(folder);
      if (refusal) throw new TrojanscopeError('BAD_USER_INPUT', refusal);
      const checks: TriedCheck[] = [];
      const told = new Set<string>();
      const { files, leftOut } = await tryPlugins(folder, {
        // A trial that broke off is begun anew: what is known already is not told again.
        onCheck(tried) {
          const { file, definition, check, error } = tried;
          const key = `${file} ${definition} ${check}`;
          if (told.has(key)) return;
          told.add(key);
          checks.push(tried);
          if (!json)
            console.log(
              `${error === null ? '✓' : '✗'} ${definition.padEnd(24)} ${check}${error ? `\n    ${error}` : ''}`,
            );
        },
      });
      const isWell = Object.keys(leftOut).length === 0 && checks.every(({ error }) => error === null);
      process.exitCode = isWell && checks.length > 0 ? 0 : 1;
      if (json) {
        console.log(JSON.stringify({ files, leftOut, checks }, null, 2));
        return;
      }
      // Said of a check already, unless the process ended at it.
      const failed = new Set(
        checks.filter(({ error }) => error !== null).map(({ definition }) => definition),
      );
      for (const [what, why] of Object.entries(leftOut))
        if (!failed.has(what)) console.log(`✗ ${what}: ${why}`);
      const passed = checks.filter(({ error }) => error === null).length;
      const faulty = isWell
        ? ''
        : `; left out: ${[...new Set([...Object.keys(leftOut), ...failed])].join(', ')}`;
      console.log(
        checks.length + Object.keys(leftOut).length === 0
          ? `There is no plugin in ${folder}: expected .mjs files (docs/plugins.md).`
          : `${passed} of ${checks.length} checks passed${faulty}`,
      );
    });
  return all;
}
