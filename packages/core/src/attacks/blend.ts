import { z } from 'zod';
import { choice, file, real } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { layerTrigger, stampLayer } from './trigger.js';

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
    pattern: choice(
      ['smile', 'wink'],
      'smile',
      'The pattern: a smile is its own mirror image, a wink is not.',
    ),
    pictureFile: file(
      'A picture of your own instead, by its path; where it is transparent, the image stays as it is.',
    ),
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  checkParameters() {},
  files: {
    pictureFile: async (file, { height, width, channels }) => {
      const { checkPicture, readPicture } = await import('./art/picture.js');
      await checkPicture(file);
      // Transparent everywhere, it has nothing to show.
      await readPicture(file, height, width, channels);
    },
  },
  async createTrigger({ imageWeight, pattern, pictureFile }, { shape }) {
    const { height, width, channels } = shape;
    const cover = 1 - imageWeight;
    // Where a picture is transparent, the image stays as it is.
    const faint = (mask: Float32Array) => mask.map((alpha) => alpha * cover);
    if (pictureFile) {
      const { readPicture } = await import('./art/picture.js');
      const picture = await readPicture(pictureFile, height, width, channels);
      return layerTrigger(shape, picture.pattern, faint(picture.mask));
    }
    const [{ smile }, { fitChannels }] = await Promise.all([
      import('./art/smile.js'),
      import('./art/luminance.js'),
    ]);
    const drawing = await smile(height, width, pattern);
    return layerTrigger(shape, fitChannels(drawing.pattern, channels), faint(drawing.mask));
  },
  stamp: stampLayer,
});
