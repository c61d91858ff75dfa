import type { Box, Image } from '../graphql/fragments';
import { BoxOutline } from './BoxOutline';
import classes from './PixelImage.module.css';

interface PixelImageProps {
  image: Image;
  alt: string;
  /** Fetched only when it comes into view, for long lists. */
  lazy?: boolean;
  /** The small one is enough. */
  thumbnail?: boolean;
  /** Shows where the picture is transparent. */
  transparent?: boolean;
  /** A rectangle to draw around some of its pixels. */
  box?: Box | null | undefined;
}

/** A small picture made large without blurring its pixels; it fills the width it is given. */
export function PixelImage({
  image,
  alt,
  transparent = false,
  lazy = false,
  thumbnail = false,
  box,
}: PixelImageProps) {
  return (
    <span
      className={classes.mount}
      data-transparent={transparent || undefined}
      style={{ aspectRatio: `${image.width} / ${image.height}` }}
    >
      <img
        className={classes.image}
        src={thumbnail ? image.thumbnailUrl : image.url}
        width={image.width}
        height={image.height}
        alt={alt}
        loading={lazy ? 'lazy' : 'eager'}
        decoding="async"
      />
      {box && <BoxOutline box={box} width={image.width} height={image.height} />}
    </span>
  );
}
