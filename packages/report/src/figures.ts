import {
  datasetInfoOf,
  type TransformId,
  type TransformTarget,
  transformOf,
} from '@trojanscope/core/definitions';
import {
  countsOf,
  FIGURE_LETTERS,
  hasBenign,
  identityOf,
  pairedDrop,
  percent,
  rateAt,
  type Series,
  type StudyResults,
  valuesOf,
} from '@trojanscope/core/evaluation';
import { type ChartLine, drawChart } from './chart.js';
import type { Block } from './document.js';
import { testsOf } from './significance.js';
import { coloursOf, datasetsOf, MOST_LINES, percentAxis, text, titleOf, trojanedOn } from './words.js';

const PAPER_TRANSFORMS: readonly TransformId[] = ['translation', 'scaling', 'rotation'];

/** ASR against each transform of the trigger or of the image (Figs 3 and 4), as drawings and as numbers. */
export function figures(all: readonly Series[], target: TransformTarget, results: StudyResults): Block[] {
  const tested = testsOf(results).filter(({ curve }) => curve.target === target);
  if (tested.length === 0) return [];
  const different = tested.filter(({ corrected }) => corrected < 0.05).length;
  const drawings = datasetsOf(all).flatMap((dataset) => {
    const series = trojanedOn(all, dataset);
    const used = [
      ...new Set(
        series
          .flatMap(({ models }) => models.flatMap(({ curves }) => curves))
          .map(({ transform }) => transform),
      ),
    ];
    return used.flatMap((transform): Block[] => {
      const drawn = series.filter((one) => valuesOf(one, transform, target).length > 0);
      if (drawn.length === 0) return [];
      const letter = results.reproduces && FIGURE_LETTERS[dataset]?.[PAPER_TRANSFORMS.indexOf(transform)];
      const number = letter ? `Fig. ${target === 'TRIGGER' ? 3 : 4}${letter}: ` : '';
      const what = `${transformOf(transform).title} of the ${target.toLowerCase()}, ${datasetInfoOf(dataset).title}`;
      const colourIn = coloursOf(drawn);
      const lines = drawn.map(
        (one): ChartLine => ({
          name: titleOf(one),
          colour: colourIn(one),
          style: 'SOLID',
          points: valuesOf(one, transform, target).map((x) => {
            const { value, low, high } = rateAt(one, 'asr', [transform, target, x]);
            return { x, y: value, low, high };
          }),
        }),
      );
      // Without a benign model, what the trojaned one itself makes of clean images.
      const rate = hasBenign(drawn[0]!) ? 'benign' : 'clean';
      const baseline: ChartLine = {
        name: 'Clean accuracy',
        colour: '#111',
        style: 'DOTTED',
        points: valuesOf(drawn[0]!, transform, target).map((x) => ({
          x,
          y: rateAt(drawn[0]!, rate, [transform, target, x]).value,
        })),
      };
      const { valueName, unit } = transformOf(transform);
      const svg = drawChart({
        title: `${number}${what}`,
        x: {
          label: `${valueName} (${unit})`,
          ticks: valuesOf(drawn[0]!, transform, target),
          format: String,
        },
        y: percentAxis('Attack success rate'),
        lines: target === 'IMAGE' ? [...lines, baseline] : lines,
      });
      const name = `${target.toLowerCase()}-${transform}-${dataset}`;
      const table = pointsTable(
        drawn,
        transform,
        target,
        `${number}${what}: ASR and its drop, over the same samples`,
      );
      if (drawn.length > MOST_LINES)
        return [text(`${what}: ${drawn.length} models are too many for one figure.`), table];
      return [
        {
          kind: 'PICTURE',
          name,
          type: 'image/svg+xml',
          content: svg,
          caption: `${number}${what}. ASR with 95 % intervals${target === 'IMAGE' ? `; dotted: clean accuracy of the ${rate === 'benign' ? 'benign model' : `model with ${titleOf(drawn[0]!)}, as there is no benign one`}` : ''}.`,
        },
        table,
      ];
    });
  });
  return [
    text(
      `${different} of ${tested.length} points differ from the identity at the 5 % level: McNemar’s exact test, corrected for all tests of the study by Holm’s method.`,
    ),
    ...fewerSamples(tested),
    ...drawings,
  ];
}

/** What was used where fewer images were eligible than were asked for. */
function fewerSamples(tested: ReturnType<typeof testsOf>): Block[] {
  const fewer = new Set(
    tested
      .filter(({ curve, point }) => point.counts.samples < curve.samplesAsked)
      .map(
        ({ curve, point }) =>
          `${point.counts.samples.toLocaleString('en')} of ${curve.samplesAsked.toLocaleString('en')}`,
      ),
  );
  if (fewer.size === 0) return [];
  return [
    text(
      `No more test images are eligible: samples at a value are ${[...fewer].join(', ')} that were asked for.`,
    ),
  ];
}

function pointsTable(
  drawn: readonly Series[],
  transform: TransformId,
  target: TransformTarget,
  caption: string,
): Block {
  const values = valuesOf(drawn[0]!, transform, target);
  return {
    kind: 'TABLE',
    caption,
    columns: ['Model', ...values.map((value) => `${value} ${transformOf(transform).unit}`)],
    rows: drawn.map((series) => [
      titleOf(series),
      ...values.map((value) => {
        const counts = countsOf(series, [transform, target, value]);
        if (counts.length === 0) return '–';
        const asr = percent(rateAt(series, 'asr', [transform, target, value]).value);
        const spread = counts.map(({ target: hits, samples }) => (100 * hits) / samples);
        const seeds =
          counts.length > 1
            ? ` [${Math.min(...spread).toFixed(1)}–${Math.max(...spread).toFixed(1)} over seeds]`
            : '';
        if (value === identityOf(transform)) return asr + seeds;
        const total = (part: 'lost' | 'gained' | 'samples') =>
          counts.reduce((sum, count) => sum + count[part], 0);
        const drop = pairedDrop(total('lost'), total('gained'), total('samples'));
        return `${asr}${seeds}; drop ${(100 * drop.value).toFixed(1)} (${(100 * drop.low).toFixed(1)} to ${(100 * drop.high).toFixed(1)})`;
      }),
    ]),
  };
}
