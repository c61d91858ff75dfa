import {
  datasetInfoOf,
  type TransformId,
  type TransformTarget,
  transformOf,
} from '@trojanscope/core/definitions';
import {
  type At,
  countOf,
  countsOf,
  deviation,
  type Estimate,
  judge,
  mean,
  rateAt,
  type Series,
  type StudyResults,
  seriesOf,
  VERDICTS,
  type Verdict,
  valuesOf,
} from '@trojanscope/core/evaluation';
import { type ChartLine, drawChart } from './chart.js';
import type { Block } from './document.js';
import {
  coloursOf,
  datasetsOf,
  MOST_LINES,
  percentAxis,
  text,
  titleOf,
  trojanedOn,
  withInterval,
} from './words.js';

/** Below this many models nothing can be said of their spread. */
const FEWEST = 3;

/** How a rate of one setting spreads over models that differ in their seed alone. */
interface Spread {
  series: Series;
  at: At;
  /** Of each seed, 0..1. */
  rates: readonly number[];
  /** Of all samples together, as if they were asked of one model. */
  within: Estimate;
  /** Of the mean over models: each is a draw. */
  between: Estimate;
  /** 0..1 */
  deviation: number;
  /** That over what drawing samples alone would give; unknown where it would give nothing. */
  excess: number;
}

/** What another seed changes: where the models of one attack lie furthest apart, and by how much more than samples make them. */
export function seedSpread(all: readonly Series[]): Block[] {
  return datasetsOf(all).flatMap((dataset) => {
    const several = trojanedOn(all, dataset).filter(({ models }) => models.length >= FEWEST);
    const widest = several.flatMap((series) =>
      curvesOf(series).flatMap(([transform, target]) => widestOf(series, transform, target) ?? []),
    );
    if (widest.length === 0) return [];
    return [text(WHAT), table(dataset, widest), ...drawing(dataset, several, widest)];
  });
}

const WHAT =
  'Models that differ in their seed alone (weights at the start, order of batches, poisoned images, samples), at the value of each transform where they lie furthest apart. “Within” is Wilson’s interval of all samples together, as the figures have it: it says what these models do. ' +
  '“Between” is Student’s interval of the mean over models, each of them one draw: it says what a model of another seed may be expected to do on average. The last column is the deviation between models over the one that drawing samples alone would give: above 2, the seed matters more than the samples.';

const curvesOf = ({ models }: Series): [TransformId, TransformTarget][] => {
  const keys = models.flatMap(({ curves }) =>
    curves.map(({ transform, target }) => `${transform} ${target}`),
  );
  return [...new Set(keys)].map((key) => key.split(' ') as [TransformId, TransformTarget]);
};

function widestOf(series: Series, transform: TransformId, target: TransformTarget): Spread | undefined {
  const spreads = valuesOf(series, transform, target).map((value) =>
    spreadAt(series, [transform, target, value]),
  );
  return spreads.sort((a, b) => b.deviation - a.deviation)[0];
}

function spreadAt(series: Series, at: At): Spread {
  const counts = countsOf(series, at).map((one) => countOf('asr', one));
  const rates = counts.map(({ hits, total }) => hits / total);
  const between = mean(rates);
  const spread = deviation(rates);
  const within = rateAt(series, 'asr', at);
  const samples = counts.reduce((sum, { total }) => sum + total, 0) / counts.length;
  return {
    series,
    at,
    rates,
    within,
    between: { ...between, low: Math.max(0, between.low), high: Math.min(1, between.high) },
    deviation: spread,
    excess: spread / Math.sqrt((within.value * (1 - within.value)) / samples),
  };
}

function table(dataset: string, spreads: readonly Spread[]): Block {
  return {
    kind: 'TABLE',
    caption: `What a seed changes, ${datasetInfoOf(dataset).title}: ASR where the models of an attack lie furthest apart`,
    columns: ['Model', 'Transform', 'at', 'by seed, %', 'within', 'between', 'deviation', 'over sampling’s'],
    rows: spreads.map(({ series, at: [transform, target, value], rates, ...spread }) => [
      titleOf(series),
      `${transformOf(transform).title} of the ${target.toLowerCase()}`,
      `${value} ${transformOf(transform).unit}`,
      rates.map((rate) => (100 * rate).toFixed(1)).join(', '),
      withInterval(spread.within, 1),
      withInterval(spread.between, 1),
      `${(100 * spread.deviation).toFixed(1)} points`,
      Number.isFinite(spread.excess) ? `${spread.excess.toFixed(1)}×` : '–',
    ]),
  };
}

/** The transform under which models lie furthest apart: every one of them, the means over them. */
function drawing(dataset: string, several: readonly Series[], widest: readonly Spread[]): Block[] {
  const [transform, target] = widest.reduce((a, b) => (b.deviation > a.deviation ? b : a)).at;
  const drawn = several.filter((series) => valuesOf(series, transform, target).length > 0);
  if (drawn.length > MOST_LINES) return [];
  const values = valuesOf(drawn[0]!, transform, target);
  const colourIn = coloursOf(drawn);
  const lines = drawn.flatMap((series): ChartLine[] => {
    const [colour, spreads] = [
      colourIn(series),
      valuesOf(series, transform, target).map((value) => spreadAt(series, [transform, target, value])),
    ];
    return [
      ...series.models.map(
        (_, i): ChartLine => ({
          name: '',
          colour,
          style: 'THIN',
          points: spreads.map(({ at, rates }) => ({ x: at[2], y: rates[i]! })),
        }),
      ),
      {
        name: titleOf(series),
        colour,
        style: 'SOLID',
        points: spreads.map(({ at, between: { value, low, high } }) => ({ x: at[2], y: value, low, high })),
      },
    ];
  });
  const { valueName, unit, title } = transformOf(transform);
  const what = `${title} of the ${target.toLowerCase()}, ${datasetInfoOf(dataset).title}`;
  const content = drawChart({
    title: `${what}, each seed`,
    x: { label: `${valueName} (${unit})`, ticks: values, format: String },
    y: percentAxis('Attack success rate'),
    lines,
  });
  return [
    {
      kind: 'PICTURE',
      name: `seeds-${dataset}`,
      type: 'image/svg+xml',
      content,
      caption: `${what}: the transform under which seeds differ most. Every model, and the means over them with Student’s 95 % interval.`,
    },
  ];
}

/** How often each verdict falls if each seed's models stand alone, by the statement's id; none where there is one seed. */
export function verdictsBySeed(results: StudyResults): Map<string, Record<Verdict, number>> {
  const seeds = [...new Set(results.models.map(({ spec }) => spec.seed))];
  const counts = new Map<string, Record<Verdict, number>>();
  if (seeds.length < 2) return counts;
  for (const seed of seeds) {
    const models = results.models.filter(({ spec }) => spec.seed === seed);
    for (const { id, verdict } of judge(seriesOf({ ...results, models }))) {
      const own =
        counts.get(id) ?? (Object.fromEntries(VERDICTS.map((one) => [one, 0])) as Record<Verdict, number>);
      own[verdict]++;
      counts.set(id, own);
    }
  }
  return counts;
}
