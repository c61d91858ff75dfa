import { picturesSvg } from '../../export/sheet';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { PixelImage } from '../../ui/PixelImage';
import classes from './TriggerPictures.module.css';

export const TriggerPicturesFields = graphql(
  `
  fragment TriggerPicturesFields on Model {
    trigger {
      picture {
        ...ImageFields
      }
      onSample {
        ...ImageFields
      }
      box {
        top
        left
        width
        height
      }
    }
  }
`,
  [ImageFields],
);
type Trigger = NonNullable<ResultOf<typeof TriggerPicturesFields>['trigger']>;

/** A trigger as pattern, as mask, and on a test image, each as far as there is one. */
export function TriggerPictures({ trigger: { picture, onSample, box } }: { trigger: Trigger }) {
  return (
    <div className={classes.pictures}>
      {picture && (
        <figure>
          <PixelImage image={picture} alt="Pattern of the trigger" transparent />
          <figcaption>pattern, as far as its mask lets it show</figcaption>
        </figure>
      )}
      {picture && (
        <figure className={classes.mask}>
          <PixelImage image={picture} alt="Mask of the trigger" />
          <figcaption>mask: white covers the image, black leaves it</figcaption>
        </figure>
      )}
      <figure>
        <PixelImage
          image={onSample}
          alt="A test image with the trigger on it, boxed"
          box={picture ? box : null}
        />
        <figcaption>
          {picture
            ? `on a sample: ${box.width}×${box.height} px at column ${box.left}, row ${box.top}`
            : 'on a sample: the trigger depends on the image, so it has no pattern of its own'}
        </figcaption>
      </figure>
    </div>
  );
}

/** The pattern and the sample as one picture. */
export const triggerSheet = (name: string, { picture, onSample, box }: Trigger) =>
  picturesSvg(
    `Trigger of ${name}`,
    [
      ...(picture ? [{ ...picture, caption: ['pattern'] }] : []),
      { ...onSample, caption: ['on a sample'], box: picture ? box : null },
    ],
    2,
    document,
  );
