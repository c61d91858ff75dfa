import { z } from 'zod';
import { fileName, readOffShare, real } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { checkLayer, layerTrigger, stampLayer } from './trigger.js';
import { damagedIn, inUnit, readLevels, requireFiles } from './triggerFiles.js';

/** A picture put over images, opaque or faint, made elsewhere. */
export const layer = defineAttack({
  title: 'Layer',
  description: 'A picture put over the image, opaque or faint, that came with a model from elsewhere.',
  paper: {
    citation:
      'Gu, T., Dolan-Gavitt, B., Garg, S.: BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply Chain (2017)',
    url: 'https://arxiv.org/abs/1708.06733',
  },
  parameters: z.strictObject({
    pattern: fileName('The pattern: a picture, transparent where images stay as they are, or .npy [h,w,c].'),
    mask: fileName('What it covers: a grey picture, white where it does, or .npy [h,w] or [h,w,c].'),
    weight: real(0.001, 1, 1, '', 'How far it covers what is below: 1 is opaque.'),
    readOff: readOffShare,
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  imported: true,
  checkParameters() {},
  checkArrays: checkLayer,
  async createTrigger({ pattern, mask, weight }, context) {
    const { shape } = context;
    const files = requireFiles(context.files);
    const { height, width, channels } = shape;
    const picture = await readLevels(files, pattern, 'pattern', shape, [channels]);
    const cover = mask ? await readLevels(files, mask, 'mask', shape, [1, channels]) : undefined;
    // 0 and 1, as masks of bytes mostly are, mean not at all and wholly.
    const isFlag = cover?.type === 'u1' && cover.values.every((level) => level <= 1);
    const covers = cover && inUnit(files, mask, isFlag ? { ...cover, type: 'b1' } : cover);
    const perPixel = cover?.channels ?? 1;
    const whole = Float32Array.from({ length: height * width * perPixel }, (_, i) => {
      const alpha = picture.alpha ? picture.alpha[Math.floor(i / perPixel)]! / 255 : 1;
      return weight * alpha * (covers?.[i] ?? 1);
    });
    if (!whole.some((value) => value > 0))
      throw damagedIn(files, mask || pattern, 'expected it to cover at least one pixel');
    return layerTrigger(shape, inUnit(files, pattern, picture), whole);
  },
  stamp: stampLayer,
});
