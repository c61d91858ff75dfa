import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { modelIdOf, thing } from './asking/api.js';
import { type Curve, titleOf } from './asking/curves.js';
import {
  duration,
  percent,
  points as pointsText,
  printJson,
  pValue,
  RATE,
  type Rate,
  table,
  valued,
} from './asking/print.js';
import { type ApiOptions, addressed, withApi } from './asking/where.js';

const COMPARED = `id name kind status width height dataset { title } architecture { title } benign { id name }
  attack { id title } attackParameters targetLabel { index name } poison { rate effective }
  cleanAccuracy ${RATE} asr ${RATE} training { recipe durationSeconds } provenance { seed start version engine weightsSha256 }
  curves { sweep { id } target unit transform { id title valueName identity } points { id value asr ${RATE} cleanAccuracy ${RATE} pValue } }`;

interface Compared {
  id: string;
  name: string;
  width: number;
  height: number;
  dataset: { title: string };
  architecture: { title: string };
  benign: { name: string } | null;
  attack: { title: string } | null;
  attackParameters: Record<string, unknown> | null;
  targetLabel: { name: string } | null;
  poison: { rate: number; effective: number | null } | null;
  cleanAccuracy: Rate | null;
  asr: Rate | null;
  training: { recipe: Record<string, unknown> | null; durationSeconds: number | null };
  provenance: { seed: number; start: string; version: string | null };
  curves: Curve[];
}
type Pair = readonly [Compared, Compared];

/** `compare MODEL MODEL`: in what two models differ, and what came of it. */
export const compareCommand = (): Command =>
  addressed(
    new Command('compare')
      .argument('<model>', 'id or name of a model')
      .argument('<other>', 'id or name of the one to compare with it')
      .option('--all', 'what is alike, too'),
  ).action(async (one: string, other: string, given: ApiOptions & { all?: boolean }) => {
    await withApi(given, false, async (api) => {
      const [a, b] = await Promise.all([one, other].map((word) => modelIdOf(api, word)));
      const [first, second] = await Promise.all(
        [a!, b!].map((id) => thing<Compared>(api, 'Model', id, COMPARED)),
      );
      const pair = [first!, second!] as const;
      if (given.json) printJson(pair);
      else console.log(show(pair, given.all ?? false));
    });
  });

function show(pair: Pair, all: boolean): string {
  const rows = rowsOf(pair).filter(([, one, other]) => all || one !== other);
  const [first, second] = pair;
  const parts = [
    table(['', first.name, second.name, 'difference'], [['id', first.id, second.id, ''], ...rows]),
  ];
  for (const shared of sharedCurves(pair))
    parts.push(
      `${titleOf(shared[0])}\n${table(
        [
          shared[0].transform.valueName.toLowerCase(),
          `ASR of ${first.name}`,
          'p against untransformed',
          `ASR of ${second.name}`,
          'p against untransformed',
          'difference',
        ],
        sharedPoints(shared).map(([one, other]) => [
          valued(one.value, shared[0].unit),
          percent(one.asr),
          pValue(one.pValue),
          percent(other.asr),
          pValue(other.pValue),
          pointsText(other.asr.value - one.asr.value),
        ]),
      )}`,
    );
  return parts.join('\n\n');
}

type Row = [title: string, one: string, other: string, difference: string];

function rowsOf([one, other]: Pair): Row[] {
  const row = (title: string, of: (model: Compared) => unknown): Row => {
    const text = (value: unknown) =>
      value == null ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    return [title, text(of(one)), text(of(other)), ''];
  };
  const rate = (title: string, of: (model: Compared) => Rate | null): Row => {
    const [a, b] = [of(one), of(other)];
    return [title, percent(a), percent(b), a && b ? pointsText(b.value - a.value) : ''];
  };
  const properties = (of: (model: Compared) => Record<string, unknown> | null) =>
    [...new Set([one, other].flatMap((model) => Object.keys(of(model) ?? {})))].map((name) =>
      row(name, (model) => of(model)?.[name]),
    );
  return [
    rate('clean accuracy', ({ cleanAccuracy }) => cleanAccuracy),
    rate('ASR', ({ asr }) => asr),
    ...meanRows([one, other]),
    row('attack', ({ attack }) => attack?.title ?? 'none (benign)'),
    row('target label', ({ targetLabel }) => targetLabel?.name),
    row('poison rate', ({ poison }) => poison?.rate),
    row('images poisoned', ({ poison }) => poison?.effective),
    ...properties(({ attackParameters }) => attackParameters),
    row('data set', ({ dataset }) => dataset.title),
    row('network', ({ architecture }) => architecture.title),
    row('images', ({ width, height }) => `${width}×${height} px`),
    row('started from', ({ provenance }) =>
      provenance.start === 'SCRATCH' ? 'random weights' : 'another model',
    ),
    row('benign model', ({ benign }) => benign?.name),
    row('seed', ({ provenance }) => provenance.seed),
    ...properties(({ training }) => training.recipe),
    row('training took', ({ training: { durationSeconds: s } }) => (s === null ? null : duration(s))),
    row('version', ({ provenance }) => provenance.version),
  ];
}

/** The curves that both have, of the same transform and target. */
const sharedCurves = ([one, other]: Pair): (readonly [Curve, Curve])[] =>
  one.curves.flatMap((curve) => {
    const like = other.curves.find(
      ({ transform, target }) => isDeepStrictEqual(transform, curve.transform) && target === curve.target,
    );
    return like ? [[curve, like] as const] : [];
  });

const sharedPoints = ([one, other]: readonly [Curve, Curve]) =>
  one.points.flatMap((point) => {
    const like = other.points.find(({ value }) => value === point.value);
    return like ? [[point, like] as const] : [];
  });

/** Mean ASR over the values that both were measured at, the identity aside: as the dashboard compares. */
const meanRows = (pair: Pair): Row[] =>
  sharedCurves(pair).map((shared) => {
    const transformed = sharedPoints(shared).filter(([{ value }]) => value !== shared[0].transform.identity);
    const mean = (which: 0 | 1) =>
      transformed.reduce((sum, both) => sum + both[which].asr.value, 0) / transformed.length;
    const title = `mean ASR, ${titleOf(shared[0]).toLowerCase()}`;
    if (transformed.length === 0) return [title, '–', '–', ''];
    const text = (share: number) => `${(100 * share).toFixed(1)} %`;
    return [title, text(mean(0)), text(mean(1)), pointsText(mean(1) - mean(0))];
  });
