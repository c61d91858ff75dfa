import { setTimeout } from 'node:timers/promises';
import {
  type DetectorId,
  detectorOf,
  detectors,
  type Measured,
  parseParameters,
  TrojanscopeError,
} from '@trojanscope/core';
import { type JudgedPurifier, purifierText } from '@trojanscope/core/evaluation';
import { Command, Option } from 'commander';
import { dataOption } from '../config.js';
import { createProgressLine, formatCount } from '../datasets/progress.js';
import { openQueue, withDrivers } from '../drivers.js';
import { runDetector } from '../jobs/detect.js';
import { retryLooking } from '../jobs/retryLooking.js';
import { start } from '../jobs/start.js';
import { configureLog } from '../log.js';
import type { Db, Row } from '../store/database.js';
import { detectionLike, findDetection } from '../store/detections.js';
import { findJob } from '../store/jobs.js';
import { lockDataFolder } from '../store/lock.js';
import { findModel } from '../store/models.js';
import { purifiersOfDetection } from '../studies/purifiers.js';
import { LOCAL } from '../viewer.js';

interface Options {
  data: string;
  detector: DetectorId[];
  parameters?: string;
  samples: number;
  seed: number;
  json?: boolean;
}

const LOOK_MS = 300;

/** `model detect`: tries detectors on a model to their end. */
export const detectCommand = (): Command =>
  new Command('detect')
    .argument('<model>', 'id of a trained trojaned model')
    .description(
      'tell how well detectors tell its trojaned images from clean ones, or go on where that was cut off; what is there is not done again',
    )
    .addOption(dataOption())
    .addOption(
      new Option('--detector <id...>', 'which, all where it is left out')
        .choices(Object.keys(detectors))
        .default(Object.keys(detectors), 'all'),
    )
    .option('--parameters <json>', 'of the one detector, such as {"blend":"AVERAGE"}')
    .addOption(new Option('--samples <count>', 'test images to judge').default(1_000).argParser(Number))
    .addOption(new Option('--seed <number>', 'decides which').default(1).argParser(Number))
    .option('--json', 'for programs')
    .action(run);

async function run(modelId: string, { data, json, ...options }: Options): Promise<void> {
  configureLog({ format: 'text', level: 'warn' });
  const asked = options.detector.map((detector) => ({
    detector,
    parameters: parametersOf(detector, options),
  }));
  const lock = lockDataFolder(data);
  const stop = new AbortController();
  // Once: a second Ctrl-C ends it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { samples, seed } = options;
  try {
    await withDrivers(data, async (drivers) => {
      const { db } = drivers;
      const ids: string[] = [];
      for (const { detector, parameters } of asked) {
        const known = await detectionLike(db, { modelId, detector, parameters, samples, seed });
        const input = { modelId, detector: { [detector]: parameters }, samples, seed };
        ids.push(known?.id ?? (await start(runDetector, input, { db, viewer: LOCAL })));
        if (known) await retryLooking(db, known.jobId);
      }
      const queue = await openQueue(drivers);
      try {
        for (const id of ids) await finished(db, id, stop.signal);
      } finally {
        await queue.close();
      }
      const { spec } = (await findModel(db, modelId))!;
      const tried = await Promise.all(
        ids.map(async (id) => {
          const row = await findDetection(db, id);
          return { row, purifiers: await purifiersOfDetection(db, row, spec.backdoor!.targetLabel) };
        }),
      );
      if (json) console.log(JSON.stringify(tried.map(forPrograms), null, 2));
      else console.log(tried.map(line).join('\n'));
    });
  } finally {
    lock.release();
  }
}

/** @throws TrojanscopeError BAD_USER_INPUT */
function parametersOf(
  detector: DetectorId,
  { detector: all, parameters: text = '{}' }: Pick<Options, 'detector' | 'parameters'>,
) {
  if (text !== '{}' && all.length > 1)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      '--parameters: expected one --detector that they are of; got several.',
    );
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new TrojanscopeError('BAD_USER_INPUT', `--parameters: expected JSON; got ${text}.`);
  }
  return parseParameters(detectorOf(detector).parameters, given, ['--parameters']);
}

/** Waits for the end of a detection. @throws TrojanscopeError ABORTED; as the job failed */
async function finished(db: Db, id: string, signal: AbortSignal): Promise<void> {
  const { job_id, detector } = await findDetection(db, id);
  const progress = createProgressLine(process.stderr, formatCount);
  try {
    for (;;) {
      const job = (await findJob(db, job_id))!;
      if (job.status === 'SUCCEEDED') return;
      if (job.status === 'FAILED')
        throw new TrojanscopeError(job.error_code ?? 'INTERNAL', `${job.title}: ${job.error_message}`);
      if (signal.aborted || job.status === 'CANCELLED')
        throw new TrojanscopeError('ABORTED', 'Stopped. The same command goes on from here.');
      if (job.total > 0) progress.update(detectorOf(detector).title, job.done, job.total);
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.end();
  }
}

interface Tried {
  row: Row<'detection'>;
  purifiers: readonly JudgedPurifier[];
}

const forPrograms = ({ row: { id, detector, parameters, queries, seed, summary }, purifiers }: Tried) => ({
  id,
  detector,
  parameters,
  queries,
  seed,
  ...summary,
  purifiers: purifiers.map(({ purifier: { steps, draws }, ...judged }) => ({ steps, draws, ...judged })),
});

function line({ row: { id, detector, parameters, queries, summary }, purifiers }: Tried): string {
  const { measures, benign, samples } = summary!;
  const area = (measured: Measured) => {
    if ('why' in measured) return `not measured, ${measured.why}`;
    const { value, low, high } = measured.auroc;
    return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  };
  const percent = ({ hits, total }: { hits: number; total: number }) =>
    `${((100 * hits) / total).toFixed(1)} %`;
  const all = measures.ALL;
  const facts = [
    `AUROC ${area(all)}`,
    ...('why' in all
      ? []
      : all.at.map(
          ({ falsePositiveRate, truePositives }) =>
            `${percent(truePositives)} caught at ${100 * falsePositiveRate} % false alarms`,
        )),
    benign ? `at the benign model ${area(benign.ALL)}` : 'no benign model beside it',
    `${queries} queries an image, ${samples} samples`,
    ...bestOf(purifiers),
  ];
  return `${id}  ${detectorOf(detector).title} ${JSON.stringify(parameters)}: ${facts.join(', ')}`;
}

/** What one would rather do to every input, of what was asked; nothing where no view is a purifier. */
function bestOf(purifiers: readonly JudgedPurifier[]): string[] {
  if (purifiers.length === 0) return [];
  const best = purifiers.find(({ deployed }) => deployed);
  if (!best) return ['no purifier among them'];
  const percent = (share: number) => (100 * share).toFixed(1);
  const { purifier, asr, cost } = best;
  return [
    `best purifier ${purifierText(purifier)}: ASR ${percent(asr.value)} % for ${percent(cost.value)} points of clean accuracy`,
  ];
}
