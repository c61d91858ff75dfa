import { IMPORTED, parseParameters, type Reading, readingSchema, whyCollapsed } from '@trojanscope/core';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { exportModel } from '../bundles/exportModel.js';
import { dataOption } from '../config.js';
import { createProgressLine, formatBytes, formatCount } from '../datasets/progress.js';
import { driversWithoutDatabase, withDrivers } from '../drivers.js';
import { importInProcess } from '../jobs/importInProcess.js';
import type { ImportArguments } from '../jobs/importProcess.js';
import { localPath } from '../localPath.js';
import type { Fork } from '../processes/forkQuietly.js';
import { type Db, withDatabase } from '../store/database.js';
import { hasDatabase } from '../store/dataFolder.js';
import { modelsByAge } from '../store/models.js';
import type { Api } from './asking/api.js';
import { percent, printJson, RATE, type Rate, spelled } from './asking/print.js';
import { type ApiOptions, addressed, withApi } from './asking/where.js';
import { detectCommand } from './detect.js';

interface Common {
  data: string;
}
interface ImportOptions extends Pick<Reading, 'classOrder' | 'channels'> {
  name?: string;
  benign?: string;
  measure?: boolean;
  mean?: string[];
  std?: string[];
  dataset?: string;
  target?: number;
}

/** Numbers with commas or blanks between, as people copy them. */
const numbersIn = (text: string) =>
  text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);

/** `model list | export | import | detect`. What goes wrong is thrown. */
export async function modelCommand(words: readonly string[]): Promise<Command> {
  const all = new Command('model');
  const command = (usage: string, description: string) =>
    all.command(usage).description(description).addOption(dataOption());

  addressed(all.command('list').description('every model: id, state, accuracy, attack success rate')).action(
    async (options: ApiOptions) => {
      const { data, server, json } = options;
      if (server) return withApi(options, false, (api) => listAt(api, json));
      const models = hasDatabase(data) ? await withDatabase(data, listModels) : [];
      if (json) console.log(JSON.stringify(models, null, 2));
      else console.log(models.map(line).join('\n') || `There are no models in ${data}.`);
    },
  );

  command('export <id>', 'write a trained model into one archive, which `model import` and PyTorch read')
    .requiredOption('--to <file>', 'the archive, a .zip')
    .option('--replace', 'write over a file that is there')
    .action(async (id: string, { data, to, replace }: Common & { to: string; replace?: boolean }) => {
      const bytes = await withDrivers(data, ({ db, blobs }) =>
        exportModel(db, blobs, id, localPath(to), replace),
      );
      console.log(`${id} is in ${to}, ${formatBytes(bytes)}.`);
    });

  command(
    'import <from>',
    'check what somebody made, and take its model in: a bundle or an ONNX network, as an archive or a folder, or an .onnx file',
  )
    .option('--name <name>', 'what to call it')
    .option(
      '--benign <id>',
      'the benign model to compare a trojaned one with, where its own is not here; none is needed',
    )
    .option('--measure', 'measure clean accuracy and attack success rate here, whatever the archive says')
    .addOption(
      new Option(
        '--class-order <order>',
        'its outputs are the class folders in this order, whatever the record says',
      ).choices(readingSchema.shape.classOrder.unwrap().options),
    )
    .addOption(
      new Option('--channels <order>', 'it takes channels in this order, as OpenCV’s bgr').choices(
        readingSchema.shape.channels.unwrap().options,
      ),
    )
    .option(
      '--dataset <id>',
      'of an ONNX network: the data set that it is for, where its import.json names none',
    )
    .option(
      '--target <label>',
      'of an ONNX network: the label that its backdoor aims at, where its answers do not tell',
      Number,
    )
    .option('--mean <number...>', 'it takes this off images in [0,1]: one number, or one for each channel')
    .option('--std <number...>', 'and divides them by this')
    .action(
      async (
        from: string,
        { data, name, benign, measure, mean, std, dataset, target, ...orders }: Common & ImportOptions,
      ) => {
        const numbers = { mean: mean?.flatMap(numbersIn), std: std?.flatMap(numbersIn) };
        const reading = parseParameters(readingSchema, { ...orders, ...numbers });
        // What is wrong with the data folder is told before a process is started for the rest.
        await withDatabase(data, async () => {});
        const { fork } = driversWithoutDatabase(data);
        const { id, notes } = await importHere(fork, {
          name,
          measure,
          reading,
          dataset,
          targetLabel: parseParameters(z.int().min(0).optional(), target, ['target']),
          from: localPath(from),
          benignId: benign,
        });
        const models = (await withDatabase(data, listModels)).filter((model) => model.id === id);
        console.log(models.map(line).join('\n'));
        for (const said of [
          ...notes,
          ...models.flatMap(({ imported }) => [...(imported?.notes ?? []), ...(imported?.warnings ?? [])]),
        ])
          console.error(said);
      },
    );
  // Its options are the detectors’, which may be a server’s.
  all.addCommand(await detectCommand(words[1] === 'detect' ? words : []));
  return all;
}

/** @returns the new model's id, and what there is to say of it */
async function importHere(fork: Fork, task: ImportArguments): Promise<{ id: string; notes: string[] }> {
  const stop = new AbortController();
  // Once: a second Ctrl-C ends both at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const progress = createProgressLine(process.stderr, formatCount);
  const notes: string[] = [];
  try {
    const id = await importInProcess(fork, task, {
      onProgress: (done, total) => progress.update('Measuring', done, total),
      onNote: (text) => notes.push(text),
      signal: stop.signal,
    });
    return { id, notes };
  } finally {
    progress.end();
  }
}

interface ServerModel {
  id: string;
  name: string;
  status: string;
  warnings: string[];
  cleanAccuracy: Rate | null;
  asr: Rate | null;
}
interface ServerModels {
  nodes: ServerModel[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** Every model of a server, the oldest first. */
async function listAt(api: Api, json: boolean | undefined): Promise<void> {
  const found: ServerModel[] = [];
  for (let after: string | null = null; ; ) {
    const { models }: { models: ServerModels } = await api.ask(
      `query ($after: String) { models(first: 100, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
        nodes {
          id name kind status warnings dataset { id } architecture { id } attack { id } benign { id }
          cleanAccuracy ${RATE} asr ${RATE} provenance { seed weightsSha256 }
        }
        pageInfo { hasNextPage endCursor }
      } }`,
      { after },
    );
    found.push(...models.nodes);
    if (!models.pageInfo.hasNextPage) break;
    after = models.pageInfo.endCursor;
  }
  if (json) return printJson(found);
  const lines = found.map(({ id, name, status, cleanAccuracy, asr, warnings }) => {
    const facts = [spelled(status)];
    if (cleanAccuracy) facts.push(`clean accuracy ${percent(cleanAccuracy)}`);
    if (asr) facts.push(`ASR ${percent(asr)}`);
    return `${id}  ${name}: ${[...facts, ...warnings.map((words) => `doubtful: ${words}`)].join(', ')}`;
  });
  console.log(lines.join('\n') || `There are no models at ${api.server}.`);
}

async function listModels(db: Db) {
  return (await modelsByAge(db)).map(({ record, benign_id: benignId, ...row }) => {
    const { clean = null, asr = null, weightsSha256 = null, imported = null } = record ?? {};
    const { architecture = null } = record?.spec ?? {};
    const collapsed = (record && whyCollapsed({ spec: record.spec, record })) ?? null;
    return { ...row, architecture, benignId, clean, asr, weightsSha256, imported, collapsed };
  });
}

function line({
  id,
  name,
  kind,
  benignId,
  status,
  clean,
  asr,
  imported,
  architecture,
  collapsed,
}: Awaited<ReturnType<typeof listModels>>[number]) {
  const percent = ({ hits, total }: { hits: number; total: number }) =>
    total > 0 ? `${((100 * hits) / total).toFixed(2)} %` : 'of no eligible image';
  const facts = [status.toLowerCase()];
  if (collapsed) facts.push('doubtful: its training collapsed');
  if (clean) facts.push(`clean accuracy ${percent(clean)}`);
  if (asr) facts.push(`ASR ${percent(asr)}`);
  if (kind === 'TROJANED' && !benignId) facts.push('compared with no benign model');
  if (imported) {
    facts.push(`imported from ${imported.from}${imported.measured ? ', measured here' : ''}`);
    const { rearranged = [], warnings = [], verified } = imported;
    if (verified) facts.push(`its answers to ${verified.images} images as where it was made`);
    else if (architecture === IMPORTED) facts.push('not verified: it came without probe.safetensors');
    if (rearranged.includes('outputs')) facts.push('its outputs put in the order of the data set’s classes');
    if (rearranged.includes('channels')) facts.push('the channels that it takes put in the order of RGB');
    if (warnings.length > 0) facts.push('doubtful: its page tells why');
  }
  return `${id}  ${name}: ${facts.join(', ')}`;
}
