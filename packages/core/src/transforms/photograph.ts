import { blur } from './blur.js';
import { brightness } from './brightness.js';
import { contrast } from './contrast.js';
import { jpeg } from './jpeg.js';
import { noise } from './noise.js';
import { perspective } from './perspective.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import {
  defineTransform,
  type Placement,
  type Plan,
  type TransformDefinition,
  type Variant,
} from './transform.js';
import { translation } from './translation.js';

interface Part {
  id: string;
  transform: TransformDefinition;
  /** Its value at full strength. */
  full: number;
  /** Whether `full` is a share of the frame's shorter side. */
  ofSide?: boolean;
}

/** What becomes of a picture that is printed and photographed, in the order in which it does. */
const PARTS: readonly Part[] = [
  // Paper and ink reach neither black nor white.
  { id: 'contrast', transform: contrast, full: 0.75 },
  // The camera is held by hand: to one side, not level, too far away, not centred.
  { id: 'perspective', transform: perspective, full: 25 },
  { id: 'rotation', transform: rotation, full: 10 },
  { id: 'scaling', transform: scaling, full: 0.85 },
  { id: 'translation', transform: translation, full: 0.05, ofSide: true },
  // Dim light, a lens not quite in focus, a sensor that makes noise of the little light, a file.
  { id: 'brightness', transform: brightness, full: 0.7 },
  { id: 'blur', transform: blur, full: 0.015, ofSide: true },
  { id: 'noise', transform: noise, full: 8 },
  { id: 'jpeg', transform: jpeg, full: 50 },
];

/** Several transforms one after the other, which grow together from their identities. */
export const photograph = defineTransform({
  title: 'Print and photograph',
  description:
    'What printing and photographing does to the trigger, or to the image, all growing together: less contrast and ' +
    'light, a tilt, a turn, a smaller scale, a shift in a direction of each sample’s own, blur, noise and JPEG.',
  valueName: 'Strength',
  unit: '×',
  minimum: 0,
  maximum: 1,
  identity: 0,
  defaultValues: [0, 0.2, 0.4, 0.6, 0.8, 1],
  plan(strength, placement, samples, random) {
    const values = Object.fromEntries(PARTS.map((part) => [part.id, valueAt(part, strength, placement)]));
    const plans = PARTS.map(({ id, transform }) =>
      transform.plan(values[id]!, placement, samples, random.fork(id)),
    );
    return inSequence(plans, samples, values);
  },
});

function valueAt({ transform, full, ofSide }: Part, strength: number, { height, width }: Placement): number {
  const { identity } = transform;
  const end = ofSide ? full * Math.min(height, width) : full;
  // Without the last binary digits: it is kept with each outcome.
  return Number((identity + (end - identity) * strength).toPrecision(12));
}

/** Each sample meets its variant of each plan, one after the other. */
function inSequence(plans: readonly Plan[], samples: number, parameters: Variant['parameters']): Plan {
  const known = new Map<string, number>();
  const variants: Variant[] = [];
  const variantOf = Int32Array.from({ length: samples }, (_, sample) => {
    const own = plans.map(({ variants, variantOf }) => variants[variantOf[sample]!]!);
    const key = plans.map(({ variantOf }) => variantOf[sample]).join();
    let index = known.get(key);
    if (index === undefined) {
      index =
        variants.push({
          steps: own.flatMap(({ steps }) => steps),
          parameters: Object.assign({}, parameters, ...own.map(({ parameters }) => parameters)),
        }) - 1;
      known.set(key, index);
    }
    return index;
  });
  return { variants, variantOf };
}
