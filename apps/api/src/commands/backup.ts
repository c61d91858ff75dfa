import { Command } from 'commander';
import { backup } from '../backup/backup.js';
import { restore } from '../backup/restore.js';
import { dataOption } from '../config.js';
import { createProgressLine, formatBytes, formatCount } from '../datasets/progress.js';
import { localPath } from '../localPath.js';

/** `backup`. What goes wrong is thrown. */
export const backupCommand = (): Command =>
  new Command('backup')
    .addOption(dataOption())
    .requiredOption('--to <file>', 'the archive, a .zip')
    .option('--without-data', 'leave out imported data sets, which can be imported again')
    .option('--replace', 'write over a file that is there')
    .action(
      async ({
        data,
        to,
        ...options
      }: {
        data: string;
        to: string;
        withoutData?: boolean;
        replace?: boolean;
      }) => {
        const job = { ...options, dataFolder: data, to: localPath(to) };
        const bytes = await watched('Backing up', (watch) => backup({ ...job, ...watch }));
        console.log(`${data} is backed up in ${to}, ${formatBytes(bytes)}.`);
      },
    );

/** `restore`. What goes wrong is thrown. */
export const restoreCommand = (): Command =>
  new Command('restore')
    .addOption(dataOption())
    .requiredOption('--from <file>', 'the archive that `backup` wrote')
    .action(async ({ data, from }: { data: string; from: string }) => {
      const job = { dataFolder: data, from: localPath(from) };
      const { files, at } = await watched('Restoring', (watch) => restore({ ...job, ...watch }));
      console.log(
        `${data} is as it was at ${at}: ${formatCount(Object.keys(files).length)} files, each with its hash.`,
      );
    });

/** Shows progress, and stops at Ctrl-C. */
async function watched<T>(
  what: string,
  work: (watch: { signal: AbortSignal; onProgress: (done: number, total: number) => void }) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const line = createProgressLine(process.stderr, formatCount);
  try {
    return await work({ signal: stop.signal, onProgress: (done, total) => line.update(what, done, total) });
  } finally {
    line.end();
  }
}
