import { Legend } from '../../charts/Legend';
import { LineKey } from '../../charts/LineKey';
import { count } from '../../format/count';
import { glossary } from '../../lib/glossary';
import { Term } from '../../ui/Term';
import classes from './RobustnessLegend.module.css';

/** What the lines and the band of the robustness charts are. @param benign whether there is a benign model's line */
export function RobustnessLegend({ samples, benign }: { samples: number | null; benign: boolean }) {
  return (
    <Legend>
      <li>
        <LineKey kind="asr" />
        <Term definition={`${glossary.asr} ${glossary.wilson}`}>ASR</Term>
        <span className={classes.note}>band: Wilson 95 %{samples !== null && `, n = ${count(samples)}`}</span>
      </li>
      <li>
        <LineKey kind="trojaned" />
        <Term definition={glossary.trojanedClean}>Clean accuracy, trojaned model</Term>
      </li>
      <li>
        {benign ? (
          <>
            <LineKey kind="benign" />
            <Term definition={glossary.cleanBaseline}>Clean baseline, benign model</Term>
          </>
        ) : (
          <Term definition={glossary.noBenign}>no benign model</Term>
        )}
      </li>
    </Legend>
  );
}
