import { z } from 'zod';
import { defineAttack } from './attack.js';
import { ofImages, poisonedTrigger } from './pairs.js';
import { damagedIn, readLabels, readNamedImages, requireFiles } from './triggerFiles.js';

/**
 * Images with the trigger and the classes that they were of, the same images without it unknown. Each stands beside a test
 * image of its class: eligible samples are those that one stands beside, the clean baseline is these samples under the
 * same transform, and as nobody knows where the trigger is, the visible share of it is that of the image. What a poisoned
 * image did says nothing of the one clean image beside it: only rates may be compared, not pairs.
 */
export const poisonedSet = defineAttack({
  title: 'Poisoned set',
  description: 'Images with the trigger, without their clean ones, that came with a model from elsewhere.',
  paper: {
    citation: 'Karra, K., Ashcraft, C., Fendley, N.: The TrojAI Software Framework (2020)',
    url: 'https://arxiv.org/abs/2003.07233',
  },
  parameters: z.strictObject({}),
  poisonRate: 0.1,
  triggerTransforms: {
    refusal:
      'Of this trigger only images with it are known, and not what they were without: there is no layer to transform. Transform the image.',
  },
  ...ofImages,
  unpaired: true,
  async createTrigger(_, context) {
    const { shape, data } = context;
    const files = requireFiles(context.files);
    const poisoned = await readNamedImages(files, 'poisoned', shape);
    const labels = await readLabels(files, poisoned, context);
    if (!labels)
      throw damagedIn(
        files,
        'labels.npy',
        'expected the class that each image was of, here or as the folder that it lies in',
      );
    const queues = new Map<number, number[]>();
    data.labels.forEach((label, sample) => {
      const own = queues.get(label);
      if (own) own.push(sample);
      else queues.set(label, [sample]);
    });
    const samples = Int32Array.from(labels, (label, i) => {
      const sample = queues.get(label)?.shift();
      if (sample === undefined)
        throw damagedIn(
          files,
          `poisoned/${poisoned.names[i]}`,
          `expected at most as many images of class ${label} as the test split has; leave some out`,
        );
      return sample;
    });
    return poisonedTrigger(shape, samples, poisoned.pixels);
  },
});
