import type { Box, Image } from '../../graphql/fragments';
import { BoxOutline } from '../../ui/BoxOutline';
import { PixelImage } from '../../ui/PixelImage';
import classes from './SaliencyView.module.css';

interface SaliencyViewProps {
  image: Image;
  saliency: Image;
  /** How much of the image the map covers, 0..1. */
  opacity: number;
  box: Box | null;
  alt: string;
}

/** A saliency map over the image it explains. */
export function SaliencyView({ image, saliency, opacity, box, alt }: SaliencyViewProps) {
  return (
    <div className={classes.view}>
      <PixelImage image={image} alt="" />
      <div className={classes.map} style={{ opacity }}>
        <PixelImage image={saliency} alt={alt} />
      </div>
      {box && <BoxOutline box={box} width={image.width} height={image.height} />}
    </div>
  );
}
