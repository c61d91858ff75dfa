import { beforeAll, describe, expect, it } from 'vitest';
import { type AttackId, attackOf, attacks } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { ModelRecord } from '../implant/model.js';
import { loadEngine, tf } from '../lib/backend.js';
import { makeTrigger, quickParameters } from '../testing/triggers.js';
import { type TransformId, transforms } from '../transforms/index.js';
import { TRANSFORM_TARGETS } from '../transforms/transform.js';
import { type Backdoored, planFor, planOf, requireBackdoor, stamp, trojanedImages } from './subjects.js';

beforeAll(() => loadEngine());

const side = 36;
const shape = { height: side, width: side, channels: 3 };
const SAMPLES = 4;
const samples = [0, 1, 2, 3];
const triggers = new Map<AttackId, Promise<Trigger>>();
/** A model of that attack, as far as its images need one. */
async function modelOf(id: AttackId): Promise<Backdoored> {
  if (!triggers.has(id)) triggers.set(id, makeTrigger(id, shape));
  const parameters = quickParameters(id);
  const backdoor = { attack: id, parameters, targetLabel: 0, poisonRate: 0.1 };
  return { record: {} as ModelRecord, weights: {}, trigger: (await triggers.get(id))!, backdoor };
}
const pictures = () => tf.randomUniform<tf.Rank.R4>([SAMPLES, side, side, 3], 0, 1, 'float32', 7);
const strongest = (id: TransformId) => {
  const { defaultValues, identity } = transforms[id];
  return [...defaultValues].sort((a, b) => Math.abs(b - identity) - Math.abs(a - identity))[0]!;
};

const contract = (Object.keys(attacks) as AttackId[]).flatMap((attack) =>
  (Object.keys(transforms) as TransformId[]).flatMap((transform) =>
    TRANSFORM_TARGETS.map((target) => ({ attack, transform, target })),
  ),
);

const refuses = ({ attack, target }: (typeof contract)[number]) =>
  target === 'TRIGGER' && attackOf(attack).triggerTransforms !== true;

it.each(contract.filter(refuses))(
  '$attack refuses $transform of the $target in its own words',
  async (one) => {
    const { trigger, backdoor } = await modelOf(one.attack);
    const model = { record: { spec: { backdoor } } as ModelRecord, weights: {}, trigger };
    expect(() => requireBackdoor(model, one.target)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(/no layer/) }),
    );
  },
);

const allowed = contract.filter((one) => !refuses(one));
describe.each(allowed)(
  'contract: $attack under $transform of the $target',
  ({ attack, transform, target }) => {
    const plan = (model: Backdoored, value: number) =>
      planOf({ transform, target, value }, model, SAMPLES, 1);

    it('changes nothing at its identity', async () => {
      const [model, images] = [await modelOf(attack), pictures()];
      const same = trojanedImages(
        images,
        model,
        target,
        plan(model, transforms[transform].identity),
        samples,
      );
      const plain = stamp(images, model, undefined, samples);
      expect(await same.data()).toEqual(await plain.data());
      tf.dispose([images, same, plain]);
    });

    it('gives 8-bit images, the same twice and in any grouping, and leaves no tensor', async () => {
      const [model, images] = [await modelOf(attack), pictures()];
      const whole = plan(model, strongest(transform));
      const make = (of: tf.Tensor4D, p = whole, own = samples) => trojanedImages(of, model, target, p, own);
      // What is kept for the next call, as a generator’s graph, is made by the first.
      make(images).dispose();
      const before = tf.memory().numTensors;
      const [one, again] = [make(images), make(images)];
      expect(one.shape).toEqual(images.shape);
      const levels = await one.data();
      for (const value of levels) {
        const level = value * 255;
        if (!(level >= 0 && level <= 255.001 && Math.abs(level - Math.round(level)) < 1e-3))
          throw new Error(`${value} is no 8-bit level`);
      }
      expect(await again.data()).toEqual(levels);
      const two = tf.tidy(() => make(tf.slice(images, 1, 2), planFor(whole, [1, 2]), [1, 2]));
      const size = side * side * 3;
      (await two.data()).forEach((value, i) => {
        if (Math.abs(value - levels[size + i]!) > 1.5 / 255) throw new Error(`differs at ${i}`);
      });
      tf.dispose([one, again, two]);
      expect(tf.memory().numTensors).toBe(before);
      images.dispose();
    });
  },
);
