import { Command, Option } from 'commander';
import type { Blobs } from '../blobs/blobs.js';
import { dataOption } from '../config.js';
import { countClasses, findDataset, listDatasets, removeDataset } from '../datasets/catalog.js';
import { describeDataset, listLine } from '../datasets/describe.js';
import { systemFolder } from '../datasets/fashionMnist.js';
import { fetchGtsrb, GTSRB_URL, type GtsrbFetch } from '../datasets/fetchGtsrb.js';
import { checkSkipping, importDataset } from '../datasets/importDataset.js';
import type { Imported } from '../datasets/packedWriter.js';
import type { Watch } from '../datasets/packImages.js';
import { createProgressLine, formatBytes, formatCount } from '../datasets/progress.js';
import { driversWithoutDatabase } from '../drivers.js';
import { localPath } from '../localPath.js';
import { prepareDataFolder } from '../store/dataFolder.js';

interface Common {
  data: string;
}

interface ImportOptions {
  from?: string;
  replace?: boolean;
  skipUnreadable?: boolean;
}

const blobsOf = (data: string) => driversWithoutDatabase(data).blobs;

/** `data list | show | fetch | import | remove`. What goes wrong is thrown. */
export function dataCommand(): Command {
  const all = new Command('data');
  const command = (usage: string, description: string) =>
    all.command(usage).description(description).addOption(dataOption());
  const replace = ['--replace', 'put it in the place of the one that is there'] as const;
  const json = ['--json', 'for programs'] as const;

  command('list', 'every data set, and whether it is there')
    .option(...json)
    .action(async ({ data, json }: Common & { json?: boolean }) => {
      const datasets = await listDatasets(blobsOf(data));
      console.log(json ? JSON.stringify(datasets, null, 2) : datasets.map(listLine).join('\n'));
    });

  command('show <id>', 'where a data set comes from, and how many images each class has')
    .option(...json)
    .action(async (id: string, { data, json }: Common & { json?: boolean }) => {
      const dataset = await findDataset(blobsOf(data), id);
      const classCounts = await countClasses(blobsOf(data), dataset);
      console.log(
        json ? JSON.stringify({ ...dataset, classCounts }, null, 2) : describeDataset(dataset, classCounts),
      );
    });

  command('fetch <id>', 'download gtsrb and import it; goes on where an earlier download broke off')
    .addOption(
      new Option('--from-url <address>', 'folder of the three archives')
        .env('TROJANSCOPE_GTSRB_URL')
        .default(GTSRB_URL),
    )
    .option('--keep', 'keep the archives after the import')
    .option(...replace)
    .action(async (id: string, options: Common & { fromUrl: string; keep?: boolean; replace?: boolean }) => {
      if (id !== 'gtsrb') all.error(`error: expected gtsrb, the one data set to fetch, got ${id}`);
      const job = { ...options, blobs: blobsOf(options.data) };
      await importing(id, options.data, job.blobs, (watch) => fetchGtsrb({ ...job, ...watch }));
    });

  command(
    'import <id>',
    'import a data set that is known by its own files, or a folder of images under an id of your choice',
  )
    .option(
      '--from <folder>',
      'folder or archive of the files of gtsrb, fashion-mnist or cifar-10, or of manifest.json and images; ' +
        'without it, fashion-mnist is taken from where Debian’s package puts it',
    )
    .option(...replace)
    .option('--skip-unreadable', 'leave out the images of a folder that cannot be read, and record which')
    .action(async (id: string, options: Common & ImportOptions) => {
      checkSkipping(id, options.skipUnreadable);
      const from = options.from === undefined ? systemFolder(id) : localPath(options.from);
      if (from === undefined) return all.error("error: required option '--from <folder>' not specified");
      const job = { ...options, id, from, blobs: blobsOf(options.data) };
      await importing(id, options.data, job.blobs, (watch) => importDataset({ ...job, ...watch }));
    });

  command(
    'remove <id>',
    'delete what was imported; models made of it stay, and need it back to be swept',
  ).action(async (id: string, { data }: Common) => {
    await removeDataset(blobsOf(data), id);
    console.log(`${id} is removed.`);
  });
  return all;
}

/** Shows progress, stops at Ctrl-C, and says what is there in the end. */
async function importing(
  id: string,
  dataFolder: string,
  blobs: Blobs,
  work: (watch: Watch & Pick<GtsrbFetch, 'onDownload'>) => Promise<Imported>,
): Promise<void> {
  const stop = new AbortController();
  prepareDataFolder(dataFolder);
  // Once: a second Ctrl-C ends the process at once, and the next import clears up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const downloads = createProgressLine(process.stderr, formatBytes);
  const images = createProgressLine(process.stderr, formatCount);
  try {
    await work({
      signal: stop.signal,
      onDownload: (name, bytes, total) => downloads.update(name, bytes, total),
      onProgress: (done, total) => {
        downloads.end();
        images.update('Importing images', done, total);
      },
    });
  } finally {
    downloads.end();
    images.end();
  }
  const dataset = await findDataset(blobs, id);
  console.log(describeDataset(dataset));
}
