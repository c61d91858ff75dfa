import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core/definitions';
import { Command, Option } from 'commander';
import { localPath } from '../localPath.js';
import { type Api, modelIdOf, mutate } from './asking/api.js';
import { catalogFor } from './asking/catalog.js';
import type { Curve } from './asking/curves.js';
import { LATER, NO_WAIT, untilDone, type WaitOptions } from './asking/jobs.js';
import { methodOptions, type Setting, settingOption, targetOption } from './asking/method.js';
import { printJson, table, valued } from './asking/print.js';
import { choiceOption, number, taking } from './asking/schemaOptions.js';
import { addressed, withApi } from './asking/where.js';

interface Options extends WaitOptions {
  transform?: Setting;
  target?: 'TRIGGER' | 'IMAGE';
  samples: number;
  kind?: string;
  outcome?: string[];
  to?: string;
}

interface Explanation {
  id: string;
  status: string;
  explainer: { title: string };
  explainedLabel: { name: string } | null;
  sample: { index: number };
  outcome: { predicted: { name: string }; kind: string } | null;
  scores: Record<'deletion' | 'insertion' | 'iou' | 'rankAccuracy', number | null> | null;
  pointingHit: boolean | null;
  triggerEnergy: number | null;
  chanceEnergy: number | null;
  noScore: string | null;
  overlay: { url: string } | null;
}
const EXPLANATION = `id status explainer { id title } settings explainedLabel { index name } sample { index }
  outcome { id kind predicted { index name } trueLabel { index name } }
  scores { pointingHit pointingNear triggerEnergy chanceEnergy iou rankAccuracy deletion insertion randomDeletion randomInsertion completenessError }
  pointingHit triggerEnergy chanceEnergy noScore triggerBox { top left height width }
  image { url width height } saliency { url } overlay { url }`;

/** `explain MODEL`: what the model looks at, of samples of a sweep. */
export async function explainCommand(words: readonly string[]): Promise<Command> {
  const command = new Command('explain')
    .argument('<model>', 'id or name of a model that was swept')
    .addOption(
      settingOption('At which point of which sweep, such as rotation=15; untransformed when left out'),
    )
    .addOption(targetOption('What that sweep transforms'))
    .addOption(new Option('--samples <number>', 'so many samples of the point').argParser(number).default(4))
    .addOption(
      choiceOption(
        '--kind <word>',
        'only those that the model takes for the target, the truth, or something else',
        ['TARGET', 'TRUTH', 'OTHER'],
      ),
    )
    .option('--outcome <id...>', 'these outcomes instead')
    .option('--to <folder>', 'write each map over its image there, as a PNG');
  const howOf = methodOptions(
    command,
    await catalogFor(words),
    words,
    taking('transform', 'target', 'samples', 'kind', 'outcome', 'to', 'method'),
  );
  return addressed(command.option(...NO_WAIT)).action(async (model: string, given: Options) => {
    await withApi(given, true, async (api, signal) => {
      const how = await howOf(api, given as unknown as Record<string, unknown>);
      const outcomeIds = given.outcome ?? (await outcomesOf(api, await modelIdOf(api, model), given));
      const { explanations } = await mutate<{ explanations: { id: string; job: { id: string } }[] }>(
        api,
        'explain',
        { outcomeIds, ...how },
        'explanations { id job { id } }',
      );
      const ids = explanations.map(({ id }) => id);
      if (given.wait) await untilDone(api, [...new Set(explanations.map(({ job }) => job.id))], signal);
      else if (!api.server) console.error(LATER);
      if (!given.wait && !given.json) return console.log(ids.join('\n'));
      const { nodes } = await api.ask<{ nodes: Explanation[] }>(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Explanation { ${EXPLANATION} } } }`,
        { ids },
      );
      if (given.to) await writeMaps(api, nodes, localPath(given.to));
      if (given.json) printJson(nodes);
      else console.log(show(nodes));
    });
  });
}

/** Outcomes of the model's point at a value, the first that were drawn. @throws TrojanscopeError NOT_FOUND */
async function outcomesOf(
  api: Api,
  modelId: string,
  { transform, target = 'IMAGE', samples, kind }: Options,
): Promise<string[]> {
  const filter = { modelIds: [modelId], ...(transform && { transform: transform.transform, target }) };
  const { robustnessCurves: curves } = await api.ask<{ robustnessCurves: Curve[] }>(
    `query ($filter: CurveFilter!) { robustnessCurves(filter: $filter) {
      target unit transform { id title valueName identity } points { id value }
    } }`,
    { filter },
  );
  const at = (curve: Curve) => transform?.value ?? curve.transform.identity;
  const point = curves
    .map((curve) => curve.points.find(({ value }) => value === at(curve)))
    .find((found) => found !== undefined);
  if (!point) {
    const where = transform
      ? `${transform.transform}=${transform.value} of the ${target.toLowerCase()}`
      : 'the identity';
    const there = curves.flatMap(({ points, unit }) => points.map(({ value }) => valued(value, unit)));
    throw new TrojanscopeError(
      'NOT_FOUND',
      `No sweep of ${modelId} has a point at ${where}${transform && there.length > 0 ? `; there are ${there.join(', ')}` : ''}. \`sweep\` makes one.`,
    );
  }
  const { node } = await api.ask<{ node: { outcomes: { nodes: { id: string }[] } } }>(
    `query ($id: ID!, $first: Int!, $filter: OutcomeFilter) {
      node(id: $id) { ... on Point { outcomes(first: $first, filter: $filter) { nodes { id } } } }
    }`,
    { id: point.id, first: samples, filter: kind ? { kind } : null },
  );
  if (node.outcomes.nodes.length === 0)
    throw new TrojanscopeError('NOT_FOUND', `None of its samples is of the kind ${kind?.toLowerCase()}.`);
  return node.outcomes.nodes.map(({ id }) => id);
}

async function writeMaps(api: Api, explanations: readonly Explanation[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { id, sample, overlay } of explanations)
    if (overlay)
      await writeFile(path.join(folder, `${sample.index}-${id}.png`), await api.picture(overlay.url));
}

function show(explanations: readonly Explanation[]): string {
  const share = (value: number | null | undefined) => (value == null ? '–' : value.toFixed(3));
  return table(
    [
      'explanation',
      'sample',
      'taken for',
      'explained',
      'maximum',
      'energy',
      'by chance',
      'IoU',
      'deletion',
      'insertion',
    ],
    explanations.map(
      ({ id, sample, outcome, explainedLabel, pointingHit, triggerEnergy, chanceEnergy, scores }) => [
        id,
        String(sample.index),
        outcome ? `${outcome.predicted.name} (${outcome.kind.toLowerCase()})` : '–',
        explainedLabel?.name ?? '–',
        pointingHit === null ? '–' : pointingHit ? 'in the trigger' : 'elsewhere',
        share(triggerEnergy),
        share(chanceEnergy),
        share(scores?.iou),
        share(scores?.deletion),
        share(scores?.insertion),
      ],
    ),
  );
}
