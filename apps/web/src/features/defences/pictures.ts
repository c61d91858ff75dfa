import { sheetSvg } from '../../export/sheet';
import { light } from '../../theme/palette';
import type { SeriesStyle } from '../../theme/series';
import type { PurifiedModel } from './purifiers';
import { purifiersChart } from './purifiersChart';
import { type RocCurve, rocChart } from './rocChart';

/** What the page's figures are taken away as. */

export const rocPicture = (curves: readonly RocCurve[]): SVGSVGElement =>
  sheetSvg(
    {
      title: 'ROC curves',
      columns: 1,
      size: { width: 560, height: 460 },
      legend: [
        ...curves.map(entryOf),
        { label: 'chance', stroke: light.lineStrong, dash: '0.1 4', kind: 'line' },
      ],
      charts: [
        {
          title: 'Trojaned images flagged against clean images flagged',
          draw: (size, palette, document) => rocChart(curves, size, palette, document),
        },
      ],
    },
    document,
  );

export const purifiersPicture = (models: readonly PurifiedModel[]): SVGSVGElement =>
  sheetSvg(
    {
      title: 'What purifiers leave',
      columns: 1,
      size: { width: 640, height: 420 },
      legend: models.map(entryOf),
      charts: [
        {
          title: 'Attack success rate against clean accuracy; filled: the front',
          draw: (size, palette, document) => purifiersChart(models, size, palette, document),
        },
      ],
    },
    document,
  );

const entryOf = ({ name, style: { colour, dash } }: { name: string; style: SeriesStyle }) => ({
  label: name,
  stroke: colour.light,
  dash,
  kind: 'line' as const,
});
