import { picturesSvg } from '../../export/sheet';
import { count } from '../../format/count';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { PixelImage } from '../../ui/PixelImage';
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

type Steps = ResultOf<typeof TriggerStepsFields>;

/** Pictures on the way, evenly spread. */
function shownOf({ triggerSteps }: Steps) {
  const pictured = triggerSteps.flatMap(({ picture, ...step }) => (picture ? [{ ...step, picture }] : []));
  const every = Math.max(1, Math.ceil(pictured.length / SHOWN));
  // Counted from the end, so that the newest is there.
  return pictured.filter((_, i) => (pictured.length - 1 - i) % every === 0);
}

/** The same on a sheet to take away. */
export const triggerStepsSheet = (name: string, model: Steps) =>
  picturesSvg(
    `How the trigger of ${name} came to be`,
    shownOf(model).map(({ done, total, picture }) => ({
      ...picture,
      caption: [`${count(done)} of ${count(total)} steps`],
    })),
    SHOWN,
    document,
  );

/** How a trigger that takes long to make came to be: pictures on the way, the newest last. */
export function TriggerSteps({ model }: { model: Steps }) {
  return (
    <ol className={classes.steps}>
      {shownOf(model).map(({ done, total, note, picture }) => (
        <li key={done}>
          <PixelImage image={picture} alt={`After ${count(done)} steps`} lazy />
          <strong>
            {count(done)} of {count(total)} steps
          </strong>
          <span>{note}</span>
        </li>
      ))}
    </ol>
  );
}
