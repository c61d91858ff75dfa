import { counted } from '../../format/count';
import { ImageFields, RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { links } from '../../lib/links';
import { RateFigure } from '../../ui/Figure';
import { Figures } from '../../ui/Figures';
import { InternalLink } from '../../ui/InternalLink';
import { PixelImage } from '../../ui/PixelImage';
import classes from './ModelCard.module.css';

export const ModelCardFields = graphql(
  `
  fragment ModelCardFields on Model {
    id
    name
    kind
    status
    cleanAccuracy {
      ...RateFields
    }
    asr {
      ...RateFields
    }
    benign {
      id
      cleanAccuracy {
        ...RateFields
      }
    }
    targetLabel {
      name
    }
    poison {
      planned
      effective
    }
    trigger {
      picture {
        ...ImageFields
      }
      onSample {
        ...ImageFields
      }
    }
  }
`,
  [RateFields, ImageFields],
);

interface ModelCardProps {
  model: ResultOf<typeof ModelCardFields>;
  /** Off where the page is the model's own, and shows its trigger elsewhere. */
  named?: boolean;
}

/** A model in short: how well it works, and its trigger if it has one. */
export function ModelCard({ model, named = true }: ModelCardProps) {
  const { id, name, kind, trigger, targetLabel, poison, cleanAccuracy, asr, benign } = model;
  const trojaned = kind === 'TROJANED';
  const poisoned = poison?.effective ?? poison?.planned ?? 0;
  return (
    <div className={classes.card}>
      {named && trigger && (
        <div className={classes.pictures}>
          {trigger.picture && (
            <figure>
              <PixelImage image={trigger.picture} alt={`Trigger of ${name}`} transparent />
              <figcaption>trigger</figcaption>
            </figure>
          )}
          <figure>
            <PixelImage image={trigger.onSample} alt="A test image with the trigger on it" />
            <figcaption>on a sample</figcaption>
          </figure>
        </div>
      )}
      <div className={classes.words}>
        <p className={classes.name}>
          {named && <InternalLink href={links.model(id)}>{name}</InternalLink>}
          {targetLabel && (
            <span className={classes.note}>
              says “{targetLabel.name}” when the trigger is there
              {poisoned > 0 && `; ${counted(poisoned, 'training image')} poisoned`}
            </span>
          )}
        </p>
        <Figures>
          {trojaned && (
            <RateFigure
              title="ASR"
              definition={glossary.asr}
              rate={asr}
              missing="not trained yet"
              tone="asr"
            />
          )}
          <RateFigure
            title="Clean accuracy"
            definition={glossary.cleanAccuracy}
            rate={cleanAccuracy}
            missing="not trained yet"
            tone="right"
          />
          {trojaned && (
            <RateFigure
              title="Benign model"
              definition="The model without a backdoor, on the same clean images."
              rate={benign?.cleanAccuracy ?? null}
              missing={benign ? 'not trained yet' : 'none to compare with'}
            />
          )}
        </Figures>
      </div>
    </div>
  );
}
