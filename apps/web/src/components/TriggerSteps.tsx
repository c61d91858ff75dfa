import { count } from '../format/count';
import { ImageFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { PixelImage } from './PixelImage';
import classes from './TriggerSteps.module.css';

export const TriggerStepsFields = graphql(
  `
  fragment TriggerStepsFields on Model {
    triggerSteps {
      done
      total
      note
      picture {
        ...ImageFields
      }
    }
  }
`,
  [ImageFields],
);

const SHOWN = 6;

/** How a trigger that takes long to make came to be: pictures on the way, the newest last. */
export function TriggerSteps({ model }: { model: ResultOf<typeof TriggerStepsFields> }) {
  const pictured = model.triggerSteps.filter(({ picture }) => picture !== null);
  const every = Math.max(1, Math.ceil(pictured.length / SHOWN));
  // Counted from the end, so that the newest is there.
  const shown = pictured.filter((_, i) => (pictured.length - 1 - i) % every === 0);
  return (
    <ol className={classes.steps}>
      {shown.map(({ done, total, note, picture }) => (
        <li key={done}>
          {picture && <PixelImage image={picture} alt={`After ${count(done)} steps`} lazy />}
          <strong>
            {count(done)} of {count(total)} steps
          </strong>
          <span>{note}</span>
        </li>
      ))}
    </ol>
  );
}
