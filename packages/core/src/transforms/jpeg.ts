import { throughJpeg } from './throughJpeg.js';
import { defineTransform, sameForAll } from './transform.js';

/** Real JPEG. Even its quality 100 changes images, so 100 stands for no file at all, and what is below for files. */
export const jpeg = defineTransform({
  title: 'JPEG',
  description:
    'Saves the trigger, or the image, as a JPEG file of this quality and reads it again. 100 is the image as it is, never saved as JPEG; other values are rounded to whole ones below it.',
  valueName: 'Quality',
  unit: '%',
  minimum: 1,
  maximum: 100,
  identity: 100,
  defaultValues: [100, 90, 75, 50, 25, 10, 5],
  plan(value, _, samples) {
    const quality = value < 100 ? Math.min(99, Math.round(value)) : 100;
    return sameForAll({ spreads: false, apply: (images) => throughJpeg(images, quality) }, samples, {
      quality,
    });
  },
});
