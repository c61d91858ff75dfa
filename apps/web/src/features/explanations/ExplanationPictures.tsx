import type { Explanation } from '../../graphql/fragments';
import { PixelImage } from '../../ui/PixelImage';
import classes from './ExplanationPictures.module.css';

interface ExplanationPicturesProps {
  explanation: Explanation;
  /** What was explained, for those who do not see it. */
  subject: string;
}

/** Image, saliency map and the map over the image, with the trigger boxed. */
export function ExplanationPictures({ explanation, subject }: ExplanationPicturesProps) {
  const { image, saliency, overlay, triggerBox } = explanation;
  if (!image || !saliency || !overlay) return null;
  return (
    <div className={classes.row}>
      <figure>
        <PixelImage image={image} alt={subject} />
        <figcaption>image</figcaption>
      </figure>
      <figure>
        <PixelImage image={saliency} alt={`Saliency map of ${subject}`} box={triggerBox} />
        <figcaption>saliency</figcaption>
      </figure>
      <figure>
        <PixelImage image={overlay} alt={`Saliency map over ${subject}`} box={triggerBox} />
        <figcaption>overlay</figcaption>
      </figure>
    </div>
  );
}
