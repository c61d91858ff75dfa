import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  attackOf,
  type BackdoorSpec,
  documentSha256,
  presetText,
  type ReadStudy,
  readStudyDocument,
  type StudyDocument,
  type StudyPresetId,
  studyPresets,
  TrojanscopeError,
} from '@trojanscope/core';
import { benchmarkSchema, reportOf } from '@trojanscope/report';
import type { RunStudyInput } from '@trojanscope/schema';
import { Command, Option } from 'commander';
import { formatBytes } from '../datasets/progress.js';
import { openQueue, withDrivers } from '../drivers.js';
import { costOfStudy, type StudyCost } from '../forecast/cost.js';
import { amountWords } from '../forecast/estimate.js';
import { start } from '../jobs/start.js';
import { checkStudy, readStudy, runStudy as wholeStudy } from '../jobs/study.js';
import { workOfStudy } from '../jobs/work.js';
import { localPath } from '../localPath.js';
import { configureLog } from '../log.js';
import { type Db, withDatabase } from '../store/database.js';
import { hasDatabase } from '../store/dataFolder.js';
import { lockDataFolder } from '../store/lock.js';
import { documentOf, jobsOfStudy, shownStudies } from '../store/studies.js';
import { resultsOfStudy } from '../studies/results.js';
import { runStudy, type StudyProgress } from '../studies/runStudy.js';
import { writeReport } from '../studies/writeReport.js';
import { LOCAL } from '../viewer.js';
import { askIt } from './asking/api.js';
import { type ApiOptions, addressable, withApi } from './asking/where.js';
import { runAt, studiesAt, studyAt, writeReportOf } from './studyAtServer.js';

type Common = ApiOptions;
interface RunOptions extends Common {
  seed: number;
  seeds: number;
  size?: number;
  styleFolder?: string;
  generator?: string;
  picture?: string;
  name?: string;
}

/** `study init | check | run | list | show | report`. What goes wrong is thrown. */
export function studyCommand(): Command {
  const all = new Command('study');
  const command = (usage: string, description: string) =>
    addressable(all.command(usage).description(description));
  const json = ['--json', 'for programs'] as const;
  const presets = Object.entries(studyPresets).map(([id, { title }]) => `  ${id.padEnd(15)} ${title}`);
  const listed = `\nPresets:\n${presets.join('\n')}`;

  all
    .command('init <preset>')
    .description('print a preset’s document, to be changed: study init paper-mnist > mine.yaml')
    .addHelpText('after', listed)
    .action((id: string) => {
      process.stdout.write(toBeChanged(presetText(checkedPreset(id))));
    });

  all
    .command('check <file>')
    .description('tell what a document consists of, or where something in it is wrong')
    .option(...json)
    .action(async (file: string, { json }: { json?: boolean }) => {
      const study = readStudyDocument(await readDocument(file));
      console.log(json ? JSON.stringify(countPlan(study), null, 2) : describePlan(study));
    });

  command(
    'run <study>',
    'run a document (a .yaml or .json file) or a preset, or go on with it where it was cut off; what is there is not done again',
  )
    .addHelpText('after', listed)
    .addOption(new Option('--seed <number>', 'the first seed').default(1).argParser(Number))
    .addOption(
      new Option('--seeds <count>', 'how many seeds; each runs all of it').default(1).argParser(Number),
    )
    .addOption(new Option('--size <px>', 'side that GTSRB’s images are resized to').argParser(Number))
    .option('--style-folder <folder>', 'paintings for DFST’s style, such as Cézanne’s')
    .option('--generator <file>', 'a generator that was trained on them before')
    .option('--picture <file>', 'what Reflection reflects, such as an apple')
    .option('--name <name>', 'what to call it')
    .option('--json', 'print what it came to as `study show --json` does, and all else on stderr')
    .action(run);

  command('list', 'every study: id, state, what it is')
    .option(...json)
    .action(async (options: Common) => {
      const { data, server, json } = options;
      const studies = server
        ? await withApi(options, false, studiesAt)
        : await looking(data, [], (db) => listStudies(db));
      if (json) console.log(JSON.stringify(studies, null, 2));
      else console.log(studies.map(line).join('\n') || `There are no studies in ${server ?? data}.`);
    });

  command('show <id>', 'how far a study is, and what is missing')
    .option(...json)
    .action(async (id: string, options: Common) => {
      const { server, json } = options;
      const found = server
        ? await withApi(options, false, (api) => studyAt(api, id))
        : await showStudy(options.data, id);
      if (!found) throw new TrojanscopeError('NOT_FOUND', `There is no study ${id}.`);
      if (json) console.log(JSON.stringify(found, null, 2));
      else console.log([line(found), ...found.jobs.map(jobLine)].join('\n'));
    });

  command('report <id>', 'write a study’s report: HTML, Markdown with figures, and every point as CSV')
    .requiredOption('--to <folder>', 'where to; files of the same names are written over')
    .option('--bench <file>', 'what `npm run -s bench -- --json` printed: its ratios become a section')
    .action(async (id: string, options: Common & { to: string; bench?: string }) => {
      const { data, server, to, bench } = options;
      if (server) {
        if (bench !== undefined) all.error('error: --bench is for a data folder of this machine');
        return tellReport(await withApi(options, false, (api) => writeReportOf(api, id, localPath(to))), to);
      }
      const measured = bench === undefined ? undefined : await readBenchmark(bench);
      const report = await withDrivers(data, async ({ db, blobs }) =>
        reportOf(await resultsOfStudy(db, blobs, id), measured),
      );
      const written = await writeReport(localPath(to), report);
      tellReport({ ...report, files: written.length }, to);
    });
  return all;
}

function tellReport(
  { title, missing, files }: { title: string; missing: readonly string[]; files: number },
  to: string,
): void {
  console.log(`${title}: ${files} files in ${to}, report.html and report.md first.`);
  if (missing.length > 0)
    console.log(`Not complete. Missing:\n${missing.map((what) => `  ${what}`).join('\n')}`);
}

const showStudy = (data: string, id: string) => looking(data, undefined, (db) => shownStudy(db, id));

async function shownStudy(db: Db, id: string) {
  const [study] = (await listStudies(db)).filter((one) => one.id === id);
  return study && { ...study, jobs: (await jobsOfStudy(db, id)).map(presentJob) };
}

async function readBenchmark(file: string) {
  const refuse = (why: string) =>
    new TrojanscopeError(
      'BAD_USER_INPUT',
      `--bench: expected what \`npm run -s bench -- --json\` printed; ${file} ${why}.`,
    );
  const text = await readFile(localPath(file), 'utf8').catch(() => {
    throw refuse('cannot be read');
  });
  try {
    return benchmarkSchema.parse(JSON.parse(text));
  } catch {
    throw refuse('is something else');
  }
}

/** @throws TrojanscopeError BAD_USER_INPUT */
function checkedPreset(id: string): StudyPresetId {
  if (Object.hasOwn(studyPresets, id)) return id as StudyPresetId;
  const known = Object.keys(studyPresets).join(', ');
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `preset: expected one of ${known}, or a .yaml or .json file; got ${id}.`,
    ['preset'],
  );
}

/** @throws TrojanscopeError NOT_FOUND */
const readDocument = (file: string): Promise<string> =>
  readFile(localPath(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new TrojanscopeError('NOT_FOUND', `${file} cannot be read: ${error.code ?? error.message}.`);
  });

/** With a line that leads editors to the schema. */
const toBeChanged = (text: string) => `# yaml-language-server: $schema=${STUDY_SCHEMA}\n${text}`;
const STUDY_SCHEMA = fileURLToPath(new URL('../../../../packages/schema/study.schema.json', import.meta.url));

function countPlan({ document, groups, own }: ReadStudy) {
  const trojaned = groups.flatMap((group) => group.trojaned);
  const of = (part: 'sweeps' | 'detections') =>
    [...trojaned, ...own].reduce((sum, one) => sum + one[part].length, 0);
  return {
    title: document.title,
    documentSha256: documentSha256(document),
    seeds: document.seeds,
    samples: document.samples,
    benignModels: groups.length,
    trojanedModels: trojaned.length,
    ownModels: own.map(({ id }) => id),
    sweeps: of('sweeps'),
    detections: of('detections'),
  };
}

function describePlan(study: ReadStudy): string {
  const { groups, own } = study;
  const { title, seeds, samples, ...counts } = countPlan(study);
  const there = own.length > 0 ? `, ${own.length} of your own that are to be there` : '';
  return [
    `${title}: ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`}, ${counts.benignModels} benign and ${counts.trojanedModels} trojaned models${there}, ` +
      `${counts.sweeps} sweeps and ${counts.detections} detections of ${samples.toLocaleString('en')} samples.`,
    ...groups
      .filter(({ benign }) => benign.seed === seeds[0])
      .flatMap(({ benign, trojaned: own }) => [
        `  ${benign.architecture} on ${benign.dataset}${benign.sizePx ? `, ${benign.sizePx} px` : ''}`,
        ...own.map(({ spec: { backdoor } }) => `    ${backdoorText(backdoor!)}`),
      ]),
    ...own.map(({ id }) => `  the model ${id}`),
  ].join('\n');
}

/** What of it is not as the attack has it by default. */
function backdoorText({ attack, parameters, poisonRate, targetLabel }: BackdoorSpec): string {
  const usual = attackOf(attack).parameters.parse({}) as Record<string, unknown>;
  const changed = Object.entries(parameters)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]))
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [attack, ...changed, `poisonRate ${poisonRate}`, `targetLabel ${targetLabel}`].join(', ');
}

async function run(what: string, options: RunOptions): Promise<void> {
  const isDocument = /\.(ya?ml|json)$/i.test(what);
  const dataFolder = options.data;
  // A server's paths are its own. What is empty is refused, and is not the folder one stands in.
  const absolute = (file: string | undefined) => (file && !options.server ? localPath(file) : file);
  const input: RunStudyInput = {
    ...(isDocument ? { document: await readDocument(what) } : { preset: checkedPreset(what) }),
    name: options.name,
    seed: options.seed,
    seeds: options.seeds,
    sizePx: options.size,
    styleFolder: absolute(options.styleFolder),
    generatorFile: absolute(options.generator),
    pictureFile: absolute(options.picture),
  };
  if (options.server) return runThere(options, input);
  const say = sayer(options);
  configureLog({ format: 'text', level: 'warn' });
  const lock = lockDataFolder(dataFolder, askIt);
  const stop = new AbortController();
  // Once: a second Ctrl-C ends it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    await withDrivers(dataFolder, async (drivers) => {
      const { db, blobs, fork } = drivers;
      const { name, document } = readStudy(input, LOCAL);
      const known = await studyLike(db, document);
      if (known) checkStudy(input, LOCAL);
      const studyId = known ?? (await start(wholeStudy, input, { db, viewer: LOCAL }));
      say(`${known ? 'Going on with' : 'Study'} ${studyId}: ${name}.`);
      const measuring = (what: string) => say(`Measuring this machine with ${what} …`);
      const cost = await costOfStudy(db, fork, await workOfStudy(db, studyId), measuring);
      for (const words of describeCost(cost, await blobs.freeBytes())) say(words);
      const startQueue = () => openQueue(drivers);
      const jobs = await runStudy(db, startQueue, studyId, cost.byJob, createTeller(), stop.signal);
      const undone = jobs.filter(({ status }) => status !== 'SUCCEEDED');
      if (undone.length === 0) {
        say(doneWords(studyId));
        if (options.json) console.log(JSON.stringify(await shownStudy(db, studyId), null, 2));
        return;
      }
      if (stop.signal.aborted)
        throw new TrojanscopeError('ABORTED', 'Stopped. The same command goes on from here.');
      const failed = undone.filter(({ status }) => status === 'FAILED');
      throw new TrojanscopeError(
        failed[0]?.error_code ?? 'CONFLICT',
        `${undone.length} of ${jobs.length} jobs are not done. ${failed.map(({ title, error_message }) => `${title}: ${error_message}`).join('\n')}`,
      );
    });
  } finally {
    lock.release();
  }
}

/** What is for people goes elsewhere where a program reads. */
const sayer = ({ json }: RunOptions) => (json ? console.error : console.log);

const doneWords = (id: string) => `Done. Its report: npm run trojanscope -- study report ${id} --to DIR`;

const runThere = (options: RunOptions, input: RunStudyInput): Promise<void> =>
  withApi(options, true, async (api, signal) => {
    const say = sayer(options);
    const begun = (id: string, name: string) => say(`Study ${id} at ${options.server}: ${name}.`);
    const id = await runAt(api, input, { tell: createTeller(), begun, signal });
    say(`${doneWords(id)} --server ${options.server}`);
    if (options.json) console.log(JSON.stringify(await studyAt(api, id), null, 2));
  });

/** The newest study that consists of the same, finished or not, whatever it is called. */
async function studyLike(db: Db, document: StudyDocument): Promise<string | undefined> {
  const wanted = documentSha256(document);
  return (await shownStudies(db)).findLast((study) => documentSha256(documentOf(study)) === wanted)?.id;
}

function describeCost(cost: StudyCost, freeBytes: number): string[] {
  const { seconds, memoryBytes, diskBytes, basis } = cost;
  const amount = amountWords(cost.byJob.size, cost);
  if (cost.byJob.size === 0) return [amount];
  const source = { FINISHED: 'by jobs that finished here', MEASURED: 'by a measurement of this machine' };
  return [
    amount,
    `That takes about ${duration(seconds)} (${basis.map((kind) => source[kind]).join(', ') || source.MEASURED}), ` +
      `${formatBytes(memoryBytes)} of memory (${formatBytes(os.freemem())} are free) and ${formatBytes(diskBytes)} of disk (${formatBytes(freeBytes)} are free).`,
  ];
}

const TERMINAL_MS = 300;
const LOG_MS = 10_000;

/** On a terminal one line, rewritten; else a line whenever a job ends, or after a while. */
function createTeller(): (progress: StudyProgress) => void {
  const out = process.stderr;
  let [shownAt, shownDone] = [Number.NEGATIVE_INFINITY, -1];
  return ({ done, total, current, etaSeconds }) => {
    const at = performance.now();
    if (done === shownDone && at - shownAt < (out.isTTY ? TERMINAL_MS : LOG_MS)) return;
    [shownAt, shownDone] = [at, done];
    const how = current && current.total > 0 ? `, ${current.done} of ${current.total} ${current.unit}` : '';
    const what = current ? `: ${current.title}, ${current.stage}${how}` : '';
    const left = etaSeconds && done < total ? `; about ${duration(etaSeconds)} to go` : '';
    const words = `${done} of ${total} jobs${what}${left}`;
    out.write(out.isTTY ? `\r\x1b[2K${words.slice(0, (out.columns ?? 80) - 1)}` : `${words}\n`);
    if (out.isTTY && done === total) out.write('\n');
  };
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

/** Looking makes no data folder. */
const looking = <T>(data: string, nothing: T, look: (db: Db) => Promise<T>): Promise<T> =>
  hasDatabase(data) ? withDatabase(data, look) : Promise.resolve(nothing);

async function listStudies(db: Db) {
  return Promise.all(
    (await shownStudies(db)).map(async ({ id, name, preset, seed, options, created_at: createdAt }) => {
      const statuses = (await jobsOfStudy(db, id)).map(({ status }) => status);
      const done = statuses.filter((status) => status === 'SUCCEEDED').length;
      const total = statuses.length;
      return { id, name, preset, createdAt, options: { seeds: [seed], ...options }, done, total };
    }),
  );
}

const line = ({
  id,
  name,
  preset,
  done,
  total,
  createdAt,
}: Omit<Awaited<ReturnType<typeof listStudies>>[number], 'options'>) =>
  `${id}  ${name} (${preset}): ${done === total ? 'done' : `${done} of ${total} jobs done`}, started ${createdAt}`;

const presentJob = ({
  id,
  kind,
  title,
  status,
  stage,
  done,
  total,
  unit,
}: Awaited<ReturnType<typeof jobsOfStudy>>[number]) => ({
  id,
  kind,
  title,
  status,
  stage,
  done,
  total,
  unit,
});
const jobLine = ({ id, title, status, done, total, unit }: Omit<ReturnType<typeof presentJob>, 'kind'>) =>
  `  ${id}  ${status.toLowerCase().padEnd(9)}  ${title}${status === 'RUNNING' && total > 0 ? ` (${done} of ${total} ${unit})` : ''}`;
