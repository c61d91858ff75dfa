import { z } from 'zod';
import type { ImageShape } from '../lib/images.js';
import { choice, file, real } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { layerTrigger, stampLayer, type Trigger } from './trigger.js';

/** A picture that is blended in: a drawing of ours or one of the user's. */
export const picture = {
  parameters: {
    pattern: choice(
      ['smile', 'wink'],
      'smile',
      'The pattern: a smile is its own mirror image, a wink is not.',
    ),
    pictureFile: file(
      'A picture of your own instead, by its path; where it is transparent, the image stays as it is.',
    ),
  },
  files: {
    pictureFile: async (file: string, { height, width, channels }: ImageShape) => {
      const { checkPicture, readPicture } = await import('./art/picture.js');
      await checkPicture(file);
      // Transparent everywhere, it has nothing to show.
      await readPicture(file, height, width, channels);
    },
  },
  /** @param cover how far it covers the image, in (0,1] */
  async layer(
    { pattern, pictureFile }: { pattern: 'smile' | 'wink'; pictureFile: string },
    cover: number,
    shape: ImageShape,
  ): Promise<Trigger> {
    const { height, width, channels } = shape;
    // Where a picture is transparent, the image stays as it is.
    const faint = (mask: Float32Array) => mask.map((alpha) => alpha * cover);
    if (pictureFile) {
      const { readPicture } = await import('./art/picture.js');
      const own = await readPicture(pictureFile, height, width, channels);
      return layerTrigger(shape, own.pattern, faint(own.mask));
    }
    const [{ smile }, { fitChannels }] = await Promise.all([
      import('./art/smile.js'),
      import('./art/luminance.js'),
    ]);
    const drawing = await smile(height, width, pattern);
    return layerTrigger(shape, fitChannels(drawing.pattern, channels), faint(drawing.mask));
  },
};

/** A pattern that shows through everywhere: eq. 1 of the paper. It leaves λ and size open (docs/resolutions.md). */
export const blend = defineAttack({
  title: 'Blend',
  description: 'A picture over the whole image, faint enough to see through.',
  paper: {
    citation:
      'Chen, X., Liu, C., Li, B., Lu, K., Song, D.: Targeted backdoor attacks on deep learning systems using data poisoning (2017)',
    url: 'https://arxiv.org/abs/1712.05526',
  },
  parameters: z.strictObject({
    imageWeight: real(
      0,
      0.99,
      0.8,
      'λ',
      'Weight of the image where the pattern lies: 0 is opaque, at 1 there would be no trigger.',
    ),
    ...picture.parameters,
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  checkParameters() {},
  files: picture.files,
  createTrigger: ({ imageWeight, ...given }, { shape }) => picture.layer(given, 1 - imageWeight, shape),
  stamp: stampLayer,
});
