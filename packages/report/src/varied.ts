import {
  type AttackId,
  datasetInfoOf,
  TRANSFORM_TARGETS,
  type TransformId,
  type TransformTarget,
  transformOf,
  transforms,
} from '@trojanscope/core/definitions';
import {
  type At,
  type Count,
  countOf,
  countsOf,
  type Estimate,
  identityOf,
  type Series,
  sameValue,
  share,
  sum,
  type Trait,
  traitsKey,
  traitValue,
  traitWords,
  valuesOf,
  variantText,
} from '@trojanscope/core/evaluation';
import type { Axis } from './chart.js';
import type { Block } from './document.js';
import { drawPanels, type Panel, type PanelLine } from './panels.js';
import {
  colourAt,
  datasetsOf,
  MOST_LINES,
  percentAxis,
  text,
  titleOf,
  trojanedOn,
  withInterval,
} from './words.js';

/** Models of one attack that differ in one thing alone: what else is set about them, and a series for each value. */
interface Row {
  others: readonly Trait[];
  series: readonly { value: unknown; series: Series }[];
}
/** Something that the models of an attack on a data set differ in. */
interface Varied {
  dataset: string;
  attack: AttackId;
  name: string;
  values: readonly unknown[];
  rows: readonly Row[];
}

/** ASR against each thing that the study varies: patch size, poison rate, weight of the blend. */
export function variedParameters(all: readonly Series[]): Block[] {
  const found = datasetsOf(all).flatMap((dataset) => variedOn(all, dataset));
  if (found.length === 0) return [];
  return [
    text(
      'Where models of one attack differ in a parameter, ASR against that parameter: a panel for each combination of whatever else differs, a line for each value of the transform. ' +
        'Bands are 95 % intervals over all seeds’ samples taken together, small dots the seeds. Lines connect what was trained, and say nothing of what lies between.',
    ),
    ...found.flatMap(blocksOf),
  ];
}

function variedOn(all: readonly Series[], dataset: string): Varied[] {
  const known = trojanedOn(all, dataset).filter(({ variant }) => variant.length > 0);
  return [...new Set(known.map(({ attack }) => attack!))].flatMap((attack) => {
    const own = known.filter((series) => series.attack === attack);
    const names = own[0]!.variant.map(({ name }) => name);
    return names.flatMap((name): Varied[] => {
      const rows = rowsOf(own, name);
      const values = inOrder(rows.flatMap(({ series }) => series.map(({ value }) => value)));
      return rows.length > 0 ? [{ dataset, attack, name, values, rows }] : [];
    });
  });
}

/** Those where the parameter has several values. */
function rowsOf(own: readonly Series[], name: string): Row[] {
  const rows = new Map<string, { others: readonly Trait[]; series: { value: unknown; series: Series }[] }>();
  for (const series of own) {
    const others = series.variant.filter((trait) => trait.name !== name);
    const { value } = series.variant.find((trait) => trait.name === name)!;
    const row = rows.get(traitsKey(others)) ?? { others, series: [] };
    rows.set(traitsKey(others), row);
    row.series.push({ value, series });
  }
  const kept = [...rows.values()].filter(({ series }) => series.length > 1);
  const order = (row: Row) => row.others.map(({ value }) => value);
  return kept.sort((a, b) => {
    const [one, two] = [order(a), order(b)];
    const at = one.findIndex((value, i) => !sameValue(value, two[i]));
    return at < 0 ? 0 : compare(one[at], two[at]);
  });
}

const compare = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : 0;

/** Each once: numbers by size, anything else as it comes. */
const inOrder = (values: readonly unknown[]): unknown[] =>
  values.filter((value, i) => values.findIndex((other) => sameValue(other, value)) === i).sort(compare);

function blocksOf(varied: Varied): Block[] {
  const { dataset, attack, name, rows } = varied;
  const { title } = traitWords(name, attack);
  const of = `${titleOf({ dataset, attack, variant: [] })} on ${datasetInfoOf(dataset).title}`;
  const [shown, left] = [rows.slice(0, MOST_LINES), rows.slice(MOST_LINES)];
  const swept = placesOf(varied);
  const picture = (file: string, what: string, caption: string, panels: readonly Panel[]): Block[] =>
    panels.every(({ lines }) => lines.length === 0)
      ? []
      : [
          {
            kind: 'PICTURE',
            name: `varied-${dataset}-${attack}-${name}-${file}`,
            type: 'image/svg+xml',
            caption: `${what} against ${title.toLowerCase()}, ${of}. ${caption}`,
            content: drawPanels({
              title: `${what} by ${title.toLowerCase()}: ${of}`,
              x: axisOf(varied),
              panels,
            }),
          },
        ];
  return [
    ...(left.length > 0
      ? [
          text(
            `${of}, ${title.toLowerCase()}: drawn are ${shown.length} of ${rows.length} combinations of what else differs; the table has all.`,
          ),
        ]
      : []),
    ...picture(
      'untransformed',
      'Untransformed ASR and clean accuracy',
      'Over the whole test set; the axis of clean accuracy does not begin at 0.',
      untransformed(varied, shown),
    ),
    ...swept.flatMap(([transform, target]) =>
      picture(
        `${target.toLowerCase()}-${transform}`,
        `ASR under ${transformOf(transform).title.toLowerCase()} of the ${target.toLowerCase()}`,
        captionOf(varied, transform, target),
        shown.map((row) => ({
          title: row.others.length > 0 ? variantText(row.others, attack) : '',
          y: percentAxis(''),
          lines: linesOf(varied, row, transform, target),
        })),
      ),
    ),
    tableOf(varied, swept),
  ];
}

/** Where all series of some row were swept: in the order of the transforms, then those that are gone with their plugin. */
const placesOf = ({ rows }: Varied): (readonly [TransformId, TransformTarget])[] =>
  TRANSFORM_TARGETS.flatMap((target) =>
    [...new Set([...(Object.keys(transforms) as TransformId[]), ...sweptIn(rows)])]
      .filter((transform) => rows.some((row) => sharedValues(row, transform, target).length > 0))
      .map((transform) => [transform, target] as const),
  );

const sweptIn = (rows: readonly Row[]): TransformId[] =>
  rows.flatMap(({ series }) =>
    series.flatMap((one) =>
      one.series.models.flatMap(({ curves }) => curves.map(({ transform }) => transform)),
    ),
  );

/** The transform's values that all models of a row have. */
function sharedValues({ series }: Row, transform: TransformId, target: TransformTarget): number[] {
  const [first = [], ...others] = series.map((one) => valuesOf(one.series, transform, target));
  return first.filter((value) => others.every((list) => list.includes(value)));
}

/** Numbers stand where they are, choices side by side. */
function axisOf({ name, attack, values }: Varied): Axis {
  const { title, unit } = traitWords(name, attack);
  const words = (value: unknown) => traitValue({ name, value }, attack);
  const inWords = name === 'poisonRate' ? ' (%)' : unit ? ` (${unit})` : '';
  if (!values.every((value): value is number => typeof value === 'number'))
    return { label: title, ticks: values.map((_, i) => i), format: (i) => words(values[i]) };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = low > 0 && high / low >= 50 && values.length > 2;
  return {
    label: `${title}${inWords}${logarithmic ? ', logarithmic' : ''}`,
    ticks: values,
    format: (value) => words(value).replace(/ \D+$/, ''),
    logarithmic,
  };
}

/** Where a value of the parameter stands on its axis. */
const placeOn = ({ values }: Varied, value: unknown): number =>
  values.every((one) => typeof one === 'number')
    ? (value as number)
    : values.findIndex((one) => sameValue(one, value));

/** A row's series by the axis, each with its counts, one for each seed. */
function pointsOf(varied: Varied, { series }: Row, counts: (one: Series) => Count[]): PanelLine['points'] {
  return series
    .flatMap(({ value, series: one }) => {
      const each = counts(one).filter(({ total }) => total > 0);
      if (each.length === 0) return [];
      const { value: y, low, high } = share(sum(each));
      const seeds = each.length > 1 ? each.map(({ hits, total }) => hits / total) : [];
      return [{ x: placeOn(varied, value), y, low, high, each: seeds }];
    })
    .sort((a, b) => a.x - b.x);
}

/** A dark end and a light one that still stands out from white, with hues between: told apart in grey, too. */
const RAMP = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#9fbd1d'];
const UNCHANGED = '#d55e00';

/** What is drawn of many: the one that changes nothing, and the others evenly. */
function drawnOf(values: readonly number[], identity: number): number[] {
  const changed = values.filter((value) => value !== identity);
  const kept =
    changed.length <= RAMP.length
      ? changed
      : RAMP.map((_, i) => changed[Math.round((i * (changed.length - 1)) / (RAMP.length - 1))]!);
  return values.filter((value) => value === identity || kept.includes(value));
}

function linesOf(varied: Varied, row: Row, transform: TransformId, target: TransformTarget): PanelLine[] {
  const identity = identityOf(transform);
  const drawn = drawnOf(sharedValues(row, transform, target), identity);
  const changed = drawn.filter((value) => value !== identity);
  const step = changed.length > 1 ? (RAMP.length - 1) / (changed.length - 1) : 0;
  return drawn.map((value) => ({
    name: `${value} ${transformOf(transform).unit}`,
    colour: value === identity ? UNCHANGED : RAMP[Math.round(changed.indexOf(value) * step)]!,
    points: pointsOf(varied, row, (one) => asrCounts(one, [transform, target, value])),
  }));
}

const asrCounts = (series: Series, at: At): Count[] =>
  countsOf(series, at).map((counts) => countOf('asr', counts));

function captionOf({ rows }: Varied, transform: TransformId, target: TransformTarget): string {
  const identity = identityOf(transform);
  const all = Math.max(...rows.map((row) => sharedValues(row, transform, target).length));
  const drawn = Math.max(
    ...rows.map((row) => drawnOf(sharedValues(row, transform, target), identity).length),
  );
  const { valueName, unit } = transformOf(transform);
  const some = drawn < all ? ` ${drawn} of ${all} values are drawn.` : '';
  return `Lines: ${valueName.toLowerCase()} (${unit}); ${identity} changes nothing.${some}`;
}

/** Both over the whole test set, with a line for each row. */
function untransformed(varied: Varied, rows: readonly Row[]): Panel[] {
  const lines = (counts: (one: Series) => Count[]): PanelLine[] =>
    rows
      .map((row, i) => ({
        name: variantText(row.others, varied.attack),
        colour: colourAt(i),
        points: pointsOf(varied, row, counts),
      }))
      .filter(({ points }) => points.length > 0);
  const clean = lines(cleanOf);
  return [
    { title: 'ASR', y: percentAxis(''), lines: lines(asrOf) },
    { title: 'Clean accuracy', y: closeAxis(clean), lines: clean },
  ];
}

const asrOf = ({ models }: Series): Count[] => models.flatMap(({ record }) => record?.asr ?? []);
const cleanOf = ({ models }: Series): Count[] => models.flatMap(({ record }) => record?.clean ?? []);

/** From below the lowest to above the highest: differences of clean accuracy are small. */
function closeAxis(lines: readonly PanelLine[]): Axis {
  const ends = lines.flatMap(({ points }) =>
    points.flatMap(({ low, high, y, each = [] }) => [low ?? y, high ?? y, ...each]),
  );
  if (ends.length === 0) return percentAxis('');
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const step = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1].find((one) => (high - low) / one <= 4) ?? 0.25;
  const [first, last] = [Math.floor(low / step), Math.min(Math.ceil(high / step), Math.round(1 / step))];
  const ticks = Array.from({ length: Math.max(2, last - first + 1) }, (_, i) => (first + i) * step);
  const digits = step < 0.01 ? 1 : 0;
  return { label: '', ticks, format: (share) => `${(100 * share).toFixed(digits)} %` };
}

/** For each row: clean accuracy and ASR of untransformed images, then the mean ASR over what each sweep changes. */
function tableOf(varied: Varied, swept: ReturnType<typeof placesOf>): Block {
  const { dataset, attack, name, values, rows } = varied;
  const { title } = traitWords(name, attack);
  const others = rows.some((row) => row.others.length > 0);
  const cells = (row: Row, cell: (one: Series) => string) =>
    values.map((value) => {
      const own = row.series.find((one) => sameValue(one.value, value));
      return own ? cell(own.series) : '–';
    });
  return {
    kind: 'TABLE',
    caption: `${titleOf({ dataset, attack, variant: [] })} on ${datasetInfoOf(dataset).title} by ${title.toLowerCase()}: ASR of sweeps is the mean over the values that change something, with the mean of their 95 % intervals (the same samples are behind all of them)`,
    columns: [
      ...(others ? ['With'] : []),
      'Rate',
      ...values.map((value) => `${title} ${traitValue({ name, value }, attack)}`),
    ],
    rows: rows.flatMap((row) => {
      const lead = others ? [variantText(row.others, attack)] : [];
      return [
        [...lead, 'Clean accuracy, whole test set', ...cells(row, (one) => rateText(cleanOf(one)))],
        [...lead, 'ASR, whole test set', ...cells(row, (one) => rateText(asrOf(one)))],
        ...swept.map(([transform, target]) => {
          const changed = sharedValues(row, transform, target).filter(
            (value) => value !== identityOf(transform),
          );
          const places = changed.map((value): At => [transform, target, value]);
          return [
            ...lead,
            `ASR, ${transformOf(transform).title.toLowerCase()} of the ${target.toLowerCase()}`,
            ...cells(row, (one) => meanText(places.map((at) => asrCounts(one, at)))),
          ];
        }),
      ];
    }),
  };
}

const rateText = (each: readonly Count[]): string =>
  each.length === 0
    ? '–'
    : withInterval(share(sum(each))) +
      spreadText(
        each.map(({ hits, total }) => hits / total),
        2,
      );

/** @param places of each the counts by seed */
function meanText(places: readonly Count[][]): string {
  const [first] = places;
  if (!first || first.length === 0) return '–';
  const mean = (of: (counts: Count[]) => number) =>
    places.reduce((all, counts) => all + of(counts), 0) / places.length;
  const part = (name: keyof Estimate) => mean((counts) => share(sum(counts))[name]);
  const bySeed = first.map((_, seed) =>
    mean((counts) => {
      const { hits, total } = counts[seed]!;
      return hits / total;
    }),
  );
  return (
    withInterval({ value: part('value'), low: part('low'), high: part('high') }, 1) + spreadText(bySeed, 1)
  );
}

/** What seeds lie between, in the brackets of all tables. */
const spreadText = (seeds: readonly number[], digits: number): string => {
  const points = (share: number) => (100 * share).toFixed(digits);
  return seeds.length > 1 ? ` [${points(Math.min(...seeds))}–${points(Math.max(...seeds))} over seeds]` : '';
};
