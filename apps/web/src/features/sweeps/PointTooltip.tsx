import { ChartTooltip } from '../../charts/ChartTooltip';
import { LineKey, type LineKind } from '../../charts/LineKey';
import { count } from '../../format/count';
import { percent } from '../../format/percent';
import type { Point, Rate } from '../../graphql/fragments';
import { transformValue } from '../../lib/sweep';
import classes from './PointTooltip.module.css';

interface PointTooltipProps {
  point: Point;
  unit: string;
  /** Where the point stands, in pixels of a chart this wide. */
  left: number;
  width: number;
}

/** The numbers of one point beside the crosshair; the point’s own label says them too. */
export function PointTooltip({ point, unit, left, width }: PointTooltipProps) {
  return (
    <ChartTooltip left={left} width={width}>
      <header>{transformValue(point.value, unit)}</header>
      <table>
        <tbody>
          <Row kind="asr" name="ASR" rate={point.asr} />
          <Row kind="trojaned" name="Clean accuracy" rate={point.cleanAccuracy} />
          {point.benignModelAccuracy && (
            <Row kind="benign" name="Clean baseline" rate={point.benignModelAccuracy} />
          )}
        </tbody>
      </table>
      <footer>
        ASR 95 %: {percent(point.asr.low, point.asr.denominator)} to{' '}
        {percent(point.asr.high, point.asr.denominator)}
      </footer>
    </ChartTooltip>
  );
}

function Row({ kind, name, rate }: { kind: LineKind; name: string; rate: Rate }) {
  return (
    <tr className={classes.row}>
      <th scope="row">
        <LineKey kind={kind} /> {name}
      </th>
      <td className={classes.percent}>{percent(rate.value, rate.denominator)}</td>
      <td className={classes.counts}>
        {count(rate.numerator)} / {count(rate.denominator)}
      </td>
    </tr>
  );
}
