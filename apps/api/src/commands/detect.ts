import { canonical, type DetectorId, detectorOf, detectors, TrojanscopeError } from '@trojanscope/core';
import { detectionParameters } from '@trojanscope/core/definitions';
import { Command, Option } from 'commander';
import { type Api, modelIdOf } from './asking/api.js';
import { catalogFor, ownCatalog } from './asking/catalog.js';
import { goOn, LATER, NO_WAIT, startOnce, untilDone, type WaitOptions } from './asking/jobs.js';
import { printJson, RATE, type Rate } from './asking/print.js';
import { addOptions, inputOf, optionsOf, schemaOf, taking } from './asking/schemaOptions.js';
import { addressed, withApi } from './asking/where.js';

interface Options extends WaitOptions, Record<string, unknown> {
  detector?: string[];
  parameters?: string;
}

interface Auroc {
  value: number;
  low: number;
  high: number;
}
interface Measures {
  why: string | null;
  auroc: Auroc | null;
  at: { atMost: number; truePositiveRate: Rate }[];
}
interface Detection {
  id: string;
  status: string;
  detector: { id: string; title: string };
  parameters: object;
  queries: number;
  samples: number;
  samplesUsed: number | null;
  measures: Measures | null;
  benignMeasures: Measures | null;
  purifiers: { text: string; deployed: boolean; asr: Rate; cost: number }[] | null;
}
const MEASURES = `{ why auroc { value low high } clean trojaned at { atMost threshold falsePositiveRate ${RATE} truePositiveRate ${RATE} } }`;
const DETECTION = `id status detector { id title } parameters queries samples samplesUsed seed
  measures ${MEASURES} benignMeasures ${MEASURES} controls { permuted { value low high } otherClean { value low high } }
  purifiers { text deployed onFront asr ${RATE} cleanAccuracy ${RATE} cost draws steps { transform value } }`;

/** `model detect`: tries detectors on a model to their end. */
export async function detectCommand(words: readonly string[]): Promise<Command> {
  const catalog = words.length > 0 ? await catalogFor(words) : await ownCatalog();
  const named = namedIn(words);
  const one = named.length === 1 ? catalog.detectors.find(({ id }) => id === named[0]) : undefined;
  const common = optionsOf(schemaOf(detectionParameters));
  const own = one
    ? optionsOf(one.parameters, {
        at: [one.id],
        owner: one.id,
        taken: taking('samples', 'seed', 'detector', 'parameters'),
        group: `${one.title}:`,
      })
    : [];
  const ids = catalog.detectors.map(({ id }) => id);
  const command = new Command('detect')
    .argument('<model>', 'id or name of a trained trojaned model')
    .description(
      'tell how well detectors tell its trojaned images from clean ones, or go on where that was cut off; what is there is not done again',
    )
    .addOption(
      new Option(
        '--detector <id...>',
        'which, all where it is left out; with one and --help it tells the parameters of that one',
      ).choices(ids),
    )
    .option('--parameters <json>', 'of the one detector, such as {"blend":"AVERAGE"}');
  addOptions(command, [...own, ...common]).option(...NO_WAIT);
  return addressed(command).action((model: string, given: Options) =>
    withApi(given, true, async (api, signal) => {
      const modelId = await modelIdOf(api, model);
      const said = await inputOf(api, own, given);
      const asked = { modelId, ...(await inputOf(api, common, given)) };
      const tried: string[] = [];
      const jobs: string[] = [];
      for (const detector of given.detector ?? ids) {
        const parameters = { ...parametersOf(given), ...(said[detector] as object | undefined) };
        const { id, job } = await begin(api, { ...asked, detector: { [detector]: parameters } });
        tried.push(id);
        if (job.status !== 'SUCCEEDED') jobs.push(job.id);
      }
      if (given.wait && jobs.length > 0) await untilDone(api, jobs, signal);
      else if (jobs.length > 0 && !api.server) console.error(LATER);
      if (!given.wait && !given.json) return console.log(tried.join('\n'));
      const { nodes } = await api.ask<{ nodes: Detection[] }>(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Detection { ${DETECTION} } } }`,
        { ids: tried },
      );
      if (given.json) printJson(nodes);
      else console.log(nodes.map(line).join('\n'));
    }),
  );
}

/** What follows `--detector`. */
function namedIn(words: readonly string[]): string[] {
  const at = words.indexOf('--detector');
  if (at < 0) return words.flatMap((word) => /^--detector=(.*)/.exec(word)?.[1] ?? []);
  const rest = words.slice(at + 1);
  const end = rest.findIndex((word) => word.startsWith('-'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** @throws TrojanscopeError BAD_USER_INPUT */
function parametersOf({ detector, parameters: text }: Options): object {
  if (text === undefined) return {};
  if (detector?.length !== 1)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      '--parameters: expected one --detector that they are of; got several.',
    );
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given === 'object' && given !== null) return given;
  } catch {}
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `--parameters: expected JSON such as {"blend":"AVERAGE"}; got ${text}.`,
  );
}

interface Asked {
  modelId: string;
  samples?: number;
  seed?: number;
  detector: Record<string, object>;
}

/** Begins a detection, or finds the one that is there, whoever asked for it. */
async function begin(api: Api, input: Asked) {
  const [[detector, given]] = Object.entries(input.detector) as [[string, object]];
  const { detections } = await api.ask<{
    detections: {
      nodes: (Parameters<typeof goOn>[1] & { parameters: object; samples: number; seed: number })[];
    };
  }>(
    `query ($filter: DetectionFilter!) { detections(first: 100, filter: $filter) {
      nodes { id parameters samples seed job { id status waitsFor { id status } } }
    } }`,
    { filter: { modelId: input.modelId, detector } },
  );
  const wanted = completed(detector, given);
  const { samples, seed } = detectionParameters.parse({ samples: input.samples, seed: input.seed });
  const known =
    wanted &&
    detections.nodes.find(
      (one) =>
        one.samples === samples && one.seed === seed && canonical(one.parameters) === canonical(wanted),
    );
  if (known) return goOn(api, known);
  return startOnce(
    api,
    { mutation: 'runDetector', field: 'detection', type: 'Detection', deletable: true },
    input,
  );
}

/** With the defaults that this version has; undefined for what it does not know or take, which the API refuses in words. */
function completed(detector: string, given: object): object | undefined {
  if (!Object.hasOwn(detectors, detector)) return undefined;
  const parsed = detectorOf(detector as DetectorId).parameters.safeParse(given);
  return parsed.success ? parsed.data : undefined;
}

function line({
  id,
  status,
  detector,
  parameters,
  queries,
  samples,
  samplesUsed,
  ...came
}: Detection): string {
  const begin = `${id}  ${detector.title} ${JSON.stringify(parameters)}: `;
  const { measures, benignMeasures, purifiers } = came;
  if (!measures) return begin + status.toLowerCase();
  const facts = [
    `AUROC ${area(measures)}`,
    ...measures.at.map(
      ({ atMost, truePositiveRate }) =>
        `${share(truePositiveRate.value)} caught at ${100 * atMost} % false alarms`,
    ),
    benignMeasures ? `at the benign model ${area(benignMeasures)}` : 'no benign model beside it',
    `${queries} queries an image, ${samplesUsed ?? samples} samples`,
    ...bestOf(purifiers ?? []),
  ];
  return begin + facts.join(', ');
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;

const area = ({ why, auroc }: Measures): string =>
  auroc
    ? `${auroc.value.toFixed(3)} (${auroc.low.toFixed(3)} to ${auroc.high.toFixed(3)})`
    : `not measured, ${why}`;

/** What one would rather do to every input, of what was asked; nothing where no view is a purifier. */
function bestOf(purifiers: NonNullable<Detection['purifiers']>): string[] {
  if (purifiers.length === 0) return [];
  const best = purifiers.find(({ deployed }) => deployed);
  if (!best) return ['no purifier among them'];
  const { text, asr, cost } = best;
  return [
    `best purifier ${text}: ASR ${share(asr.value)} for ${(100 * cost).toFixed(1)} points of clean accuracy`,
  ];
}
