import { useMemo, useState } from 'react';
import type { PanelSource } from '../../export/panelSource';
import { type LegendEntry, sheetSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
import { count } from '../../format/count';
import { percent, percentagePoints } from '../../format/percent';
import { pValue } from '../../format/pValue';
import { links } from '../../lib/links';
import { samplesOf, targets, transformValue } from '../../lib/sweep';
import { light } from '../../theme/palette';
import type { SeriesStyle } from '../../theme/series';
import { PanelExport } from '../../ui/PanelExport';
import { SmallMultiple } from '../sweeps/SmallMultiple';
import classes from './CurvesBoard.module.css';
import { CurvesFigure } from './CurvesFigure';
import { CurvesQuery, type OverlaidCurve } from './curves';
import { type CurvesData, curvesChart } from './curvesChart';
import type { Overlay } from './overlay';

/** All curves of one transform and target: one small multiple. */
export interface Multiple {
  key: string;
  title: string;
  transform: OverlaidCurve['transform'];
  target: OverlaidCurve['target'];
  curves: readonly OverlaidCurve[];
  data: CurvesData;
}

type Look = Pick<CurvesData, 'measure' | 'bands' | 'baselines' | 'seedGroups'>;

/** Curves as small multiples, in the catalog's order of transforms, the trigger before the image. */
export function multiplesOf(
  curves: readonly OverlaidCurve[],
  order: readonly string[],
  styles: ReadonlyMap<string, SeriesStyle>,
  look: Look,
): Multiple[] {
  return order.flatMap((transformId) =>
    (['TRIGGER', 'IMAGE'] as const).flatMap((target) => {
      const own = curves.filter((curve) => curve.transform.id === transformId && curve.target === target);
      const [first] = own;
      if (!first) return [];
      const { transform } = first;
      return {
        key: `${transformId}/${target}`,
        title: `${transform.title} of the ${targets[target]}`,
        transform,
        target,
        curves: own,
        data: {
          curves: own.map(({ model, points }) => ({
            modelId: model.id,
            style: styles.get(model.id)!,
            points: [...points].sort((a, b) => a.value - b.value),
          })),
          values: [...new Set(own.flatMap(({ points }) => points.map(({ value }) => value)))],
          identity: transform.identity,
          unit: transform.unit,
          valueName: transform.valueName,
          ...look,
        },
      };
    }),
  );
}

interface CurvesBoardProps {
  multiples: readonly Multiple[];
  overlay: Overlay;
  /** The model to lift out of all panels, e.g. that of the legend's line under the pointer. */
  lifted: string | null;
  onLift: (modelId: string | null) => void;
  onOpen: (address: string) => void;
}

const HEIGHT = 210;

/** The paper's Figs. 3 and 4 for any models: a column for each transform, trigger above image, one crosshair for a column. */
export function CurvesBoard({ multiples, overlay, lifted, onLift, onOpen }: CurvesBoardProps) {
  const [at, setAt] = useState<{ transform: string; value: number } | null>(null);
  const transforms = [...new Set(multiples.map(({ transform }) => transform.id))];
  return (
    <div className={classes.board}>
      {transforms.map((transform) => (
        <div key={transform} className={classes.column}>
          {multiples
            .filter((multiple) => multiple.transform.id === transform)
            .map((multiple) => (
              <SmallMultiple
                key={multiple.key}
                transform={multiple.transform.id}
                target={multiple.target}
                title={multiple.title}
                aside={<PanelExport source={multipleSource(multiple, overlay)} />}
              >
                <CurvesFigure
                  label={`${multiple.title}: ${multiple.curves.length} ${multiple.curves.length === 1 ? 'curve' : 'curves'}`}
                  data={multiple.data}
                  names={overlay.names}
                  height={HEIGHT}
                  lookedAt={
                    lifted === null
                      ? null
                      : { modelId: lifted, value: at?.transform === transform ? at.value : null }
                  }
                  onLook={(look) => {
                    onLift(look?.modelId ?? null);
                    setAt(look && { transform, value: look.value });
                  }}
                  onOpen={(pointId) => onOpen(links.outcomes(pointId))}
                />
              </SmallMultiple>
            ))}
        </div>
      ))}
    </div>
  );
}

function multipleSource(multiple: Multiple, overlay: Overlay): PanelSource {
  const { transform, target, curves, title } = multiple;
  return {
    name: `${transform.id} ${target.toLowerCase()}`.replace(' ', '-'),
    query: CurvesQuery,
    variables: { modelIds: curves.map(({ model }) => model.id), transform: transform.id, target },
    table: () => curvesTable(curves),
    picture: () => curvesSheet(title, [multiple], overlay, 1),
  };
}

/** All panels on one sheet. */
export const curvesSheet = (
  title: string,
  multiples: readonly Multiple[],
  overlay: Overlay,
  columns: number,
) =>
  sheetSvg(
    {
      title,
      columns,
      size: { width: 320, height: HEIGHT },
      legend: legendOf(multiples, overlay),
      charts: multiples.map((multiple) => ({
        title: multiple.title,
        draw: (size, palette, document) => curvesChart(multiple.data, size, palette, document),
      })),
    },
    document,
  );

function legendOf(multiples: readonly Multiple[], { lines, styles }: Overlay): LegendEntry[] {
  const drawn = new Set(multiples.flatMap(({ curves }) => curves.map(({ model }) => styles.get(model.id))));
  const { bands, baselines, measure, seedGroups } = multiples[0]!.data;
  return [
    ...[...lines].flatMap(([id, label]): LegendEntry[] => {
      const style = styles.get(id)!;
      return drawn.has(style) ? [{ label, stroke: style.colour.light, dash: style.dash, kind: 'line' }] : [];
    }),
    ...(seedGroups.length > 0 ? [{ label: FAINT, stroke: light.lineStrong, kind: 'line' as const }] : []),
    ...(bands ? [{ label: bandWords(multiples), stroke: light.inkFaint, kind: 'area' as const }] : []),
    ...(baselines && measure === 'asr'
      ? [
          {
            label: `clean accuracy: trojaned model in its colour, ${benignWords(multiples, 'benign model black')}`,
            stroke: light.baseline,
            dash: '0.1 4',
            kind: 'line' as const,
          },
        ]
      : []),
  ];
}

/** What lies behind a mean. */
export const FAINT = 'faint: its single seeds';

/** What the bands are, and over how many samples. */
export function bandWords(multiples: readonly Multiple[]): string {
  const samples = multiples.flatMap(({ curves }) => curves.map(({ sweep }) => samplesOf(sweep)));
  const [least, most] = [Math.min(...samples), Math.max(...samples)];
  return `band: Wilson 95 % interval, n = ${least === most ? count(most) : `${count(least)} to ${count(most)}`}`;
}

/** How the benign models' clean accuracy is drawn, and that there is none where that is so. */
export function benignWords(multiples: readonly Multiple[], how: string): string {
  const points = multiples.flatMap(({ curves }) => curves.flatMap((curve) => curve.points));
  if (points.every(({ benignModelAccuracy }) => benignModelAccuracy)) return how;
  return points.some(({ benignModelAccuracy }) => benignModelAccuracy)
    ? `${how} where there is one`
    : 'no benign model';
}

type Line = OverlaidCurve['points'][number] & { curve: OverlaidCurve };
const columns: readonly Column<Line>[] = [
  { title: 'model', value: ({ curve }) => curve.model.name },
  { title: 'transform', value: ({ curve }) => curve.transform.title },
  { title: 'target', value: ({ curve }) => targets[curve.target] },
  {
    title: 'value',
    value: ({ value }) => value,
    text: ({ value, curve }) => transformValue(value, curve.transform.unit),
  },
  { title: 'samples', value: ({ asr }) => asr.denominator },
  {
    title: 'ASR',
    value: ({ asr }) => asr.value,
    text: ({ asr }) => percent(asr.value, asr.denominator),
  },
  { title: 'low', value: ({ asr }) => asr.low, text: ({ asr }) => percent(asr.low, asr.denominator) },
  { title: 'high', value: ({ asr }) => asr.high, text: ({ asr }) => percent(asr.high, asr.denominator) },
  {
    title: 'ASR drop',
    value: ({ asrDrop }) => asrDrop,
    text: ({ asrDrop }) => percentagePoints(asrDrop),
  },
  {
    title: 'McNemar p',
    value: (point) => point.pValue,
    text: ({ pValue: p }) => (p === null ? '–' : pValue(p)),
  },
  {
    title: 'clean, trojaned',
    value: ({ cleanAccuracy }) => cleanAccuracy.value,
    text: ({ cleanAccuracy, asr }) => percent(cleanAccuracy.value, asr.denominator),
  },
  {
    title: 'clean, benign',
    value: ({ benignModelAccuracy }) => benignModelAccuracy?.value ?? null,
    text: ({ benignModelAccuracy, asr }) =>
      benignModelAccuracy ? percent(benignModelAccuracy.value, asr.denominator) : '–',
  },
];

/** Every point of some curves, one a line. */
export const curvesTable = (curves: readonly OverlaidCurve[]) =>
  tableOf(
    curves.flatMap((curve) => curve.points.map((point) => ({ ...point, curve }))),
    columns,
  );

/** What all panels together are taken away as. */
export function useBoardSource(title: string, multiples: readonly Multiple[], overlay: Overlay): PanelSource {
  return useMemo(
    () => ({
      name: 'curves',
      query: CurvesQuery,
      variables: { modelIds: [...overlay.names.keys()] },
      table: () => curvesTable(multiples.flatMap(({ curves }) => curves)),
      picture: () => curvesSheet(title, rowByRow(multiples), overlay, columnsOf(multiples)),
    }),
    [title, multiples, overlay],
  );
}

const columnsOf = (multiples: readonly Multiple[]) =>
  Math.min(3, new Set(multiples.map(({ transform }) => transform.id)).size);

/** As in the paper: the trigger's panels side by side, then the image's. */
const rowByRow = (multiples: readonly Multiple[]) =>
  (['TRIGGER', 'IMAGE'] as const).flatMap((target) => multiples.filter((one) => one.target === target));
