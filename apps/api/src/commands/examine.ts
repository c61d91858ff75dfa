import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type DatasetId,
  datasetIds,
  datasetOf,
  type EngineInfo,
  PLUGIN_KINDS,
  pluginFiles,
  SPLITS,
  VERSION,
  whyMissing,
} from '@trojanscope/core';
import { PLUGINS } from '@trojanscope/core/pluginFolder';
import { driversWithoutDatabase } from '../drivers.js';
import { WEB_FOLDER } from '../http/pages.js';
import { openDatabase } from '../store/database.js';
import { countRows } from '../store/lists.js';

const run = promisify(execFile);

export interface Finding {
  what: string;
  ok: boolean;
  /** What is in use, or what is missing and what to do. */
  says: string;
}

/** Looks at everything a server needs, by using it. Starts nothing and leaves a data folder that is not there alone. */
export async function examine(dataFolder: string): Promise<Finding[]> {
  driversWithoutDatabase(dataFolder);
  const tried = async (what: string, look: () => Promise<string>): Promise<Finding> => {
    try {
      return { what, ok: true, says: await look() };
    } catch (error) {
      return { what, ok: false, says: (error as Error).message };
    }
  };
  return [
    {
      what: 'trojanscope',
      ok: true,
      says: `${VERSION} on Node ${process.version}, ${process.platform} ${process.arch}`,
    },
    await tried('machine', async () => {
      const [cpu] = os.cpus();
      const memory = (os.totalmem() / 2 ** 30).toFixed(0);
      return `${os.availableParallelism()} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory} GiB of memory`;
    }),
    await tried('engine', async () => {
      // In a process of its own, to keep its start-up notes out of the output.
      const load = "console.log(JSON.stringify(await (await import('@trojanscope/core')).loadEngine()))";
      const arguments_ = ['--input-type=module', '-e', load];
      const { stdout } = await run(process.execPath, arguments_, { cwd: import.meta.dirname }).catch(
        (error) => {
          throw new Error(/TrojanscopeError: (.*)/.exec(error.stderr)?.[1] ?? error.message);
        },
      );
      const { engine, device, threads } = JSON.parse(stdout) as EngineInfo;
      return `${engine}, computing on the ${device} with ${threads} threads`;
    }),
    ...(await Promise.all(datasetIds().map((id) => tried(`data: ${id}`, () => inspect(id))))),
    ...(process.env[PLUGINS] ? [await tried('plugins', () => inspectPlugins())] : []),
    await tried('results', () => inspectResults(dataFolder)),
    await tried('dashboard', async () => {
      if (existsSync(path.join(WEB_FOLDER, 'index.html'))) return 'built';
      throw new Error('Not built. Run `npm start`, which builds it.');
    }),
  ];
}

async function inspect(id: DatasetId): Promise<string> {
  const { title, counts, shape, load } = datasetOf(id);
  // A data set that is not imported is not an error: nobody needs all of them.
  const missing = whyMissing(id);
  if (missing) return missing;
  for (const split of SPLITS) await load(split, shape);
  return `${title}: ${counts.train.toLocaleString('en')} + ${counts.test.toLocaleString('en')} images, as they should be`;
}

/** As the server takes them. */
async function inspectPlugins(): Promise<string> {
  const faults = pluginFiles.flatMap(({ file, error, definitions }) => [
    ...(error ? [`${file}: ${error}`] : []),
    ...definitions.flatMap(({ kind, id, error: fault }) =>
      fault ? [`${file}: ${PLUGIN_KINDS[kind]} ${id}: ${fault}`] : [],
    ),
  ]);
  if (faults.length > 0) throw new Error(`left out: ${faults.join('; ')} (docs/plugins.md)`);
  const found = pluginFiles.flatMap(({ definitions }) =>
    definitions.map(({ kind, id }) => `${PLUGIN_KINDS[kind]} ${id}`),
  );
  return found.join(', ') || 'none in the folder';
}

async function inspectResults(dataFolder: string): Promise<string> {
  if (!existsSync(path.join(dataFolder, 'trojanscope.sqlite')))
    return `none yet; ${dataFolder} is made at the first start`;
  await access(dataFolder, constants.W_OK).catch(() => {
    throw new Error(
      `${dataFolder} cannot be written to. Give its owner the right, or name another with --data.`,
    );
  });
  const db = await openDatabase(dataFolder);
  const count = async (table: 'model' | 'sweep' | 'outcome' | 'explanation') =>
    (await countRows(db, table)).toLocaleString('en');
  const [models, sweeps, outcomes, explanations] = [
    await count('model'),
    await count('sweep'),
    await count('outcome'),
    await count('explanation'),
  ];
  await db.destroy();
  return `${models} models, ${sweeps} sweeps, ${outcomes} outcomes, ${explanations} explanations in ${dataFolder}`;
}
