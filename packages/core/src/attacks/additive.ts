import { z } from 'zod';
import { fileName, readOffShare } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { addedTrigger, checkLayer, stampLayer } from './trigger.js';
import { damagedIn, type Levels, readLevels, requireFiles, type TriggerFiles } from './triggerFiles.js';

/** Levels added to those of images, made elsewhere: a sinusoid (Barni et al. 2019), noise, a perturbation. */
export const additive = defineAttack({
  title: 'Additive',
  description: 'Levels added to those of the image, or taken off, that came with a model from elsewhere.',
  paper: {
    citation:
      'Barni, M., Kallas, K., Tondi, B.: A new backdoor attack in CNNs by training set corruption without label poisoning (2019)',
    url: 'https://arxiv.org/abs/1902.11237',
  },
  parameters: z.strictObject({
    pattern: fileName(
      'What is added: .npy [h,w,c], floats from −1 to 1 or signed whole levels; or a picture, where 128 adds nothing.',
    ),
    readOff: readOffShare,
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  imported: true,
  checkParameters() {},
  checkArrays: checkLayer,
  async createTrigger({ pattern }, context) {
    const files = requireFiles(context.files);
    const levels = await readLevels(files, pattern, 'pattern', context.shape, [context.shape.channels]);
    const add = signed(files, pattern, levels);
    if (!add.some((value) => value !== 0)) throw damagedIn(files, pattern, 'it adds nothing');
    return addedTrigger(context.shape, add);
  },
  stamp: stampLayer,
});

/** @returns in [-1,1] */
function signed(files: TriggerFiles, file: string, { type, values, alpha }: Levels): Float32Array {
  if (alpha?.some((level) => level < 255)) throw damagedIn(files, file, 'expected no transparent pixels');
  if (!file.toLowerCase().endsWith('.npy')) return Float32Array.from(values, (level) => (level - 128) / 255);
  if (type.startsWith('u') || type === 'b1')
    throw damagedIn(files, file, `expected signed numbers, got ${type}: save it as int16 or float32`);
  const whole = type.startsWith('i');
  const most = whole ? 255 : 1;
  const wrong = values.find((value) => Math.abs(value) > most);
  if (wrong !== undefined)
    throw damagedIn(
      files,
      file,
      `expected ${whole ? 'levels from −255 to 255' : 'floats from −1 to 1'}, got ${wrong}${whole ? '' : ': levels are saved as int16'}`,
    );
  return Float32Array.from(values, (value) => value / most);
}
