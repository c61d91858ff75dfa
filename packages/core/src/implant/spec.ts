import type { Start } from '../architectures/architecture.js';
import { architectures } from '../architectures/index.js';
import { checkNormalization } from '../architectures/normalization.js';
import { type AttackId, attackOf, implantable } from '../attacks/index.js';
import { datasetOf } from '../datasets/index.js';
import { TrojanscopeError } from '../lib/errors.js';
import { parseParameters } from '../lib/params.js';
import { withNotes } from '../lib/plugins.js';
import type { ImplantRequest, TrainingRequest } from '../requests.js';
import { recipeSchema } from '../training/recipe.js';
import { completeTransforms } from '../transforms/randomly.js';
import { completeBackdoor } from './backdoor.js';
import type { BackdoorSpec, ModelSpec } from './model.js';

/** What a training of a known data set says, with everything filled in that was left out. @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED */
export function specOf(
  input: Pick<TrainingRequest, 'dataset' | 'architecture' | 'sizePx' | 'normalization' | 'recipe' | 'seed'>,
  start: Start,
): ModelSpec {
  const { dataset, architecture, sizePx, normalization, seed } = input;
  const { shape, resizable, title } = datasetOf(dataset);
  const own = Math.min(shape.height, shape.width);
  if (sizePx !== undefined && !resizable && sizePx !== own) {
    throw new TrojanscopeError('UNSUPPORTED', `${title} is ${own} px and cannot be resized.`, ['sizePx']);
  }
  const side = sizePx ?? own;
  const { minimumSidePx, title: network, recipes } = architectures[architecture];
  if (side < minimumSidePx) {
    throw new TrojanscopeError(
      'UNSUPPORTED',
      `${network} takes images from ${minimumSidePx} px; got ${side} px.`,
      [sizePx === undefined ? 'dataset' : 'sizePx'],
    );
  }
  if (normalization) checkNormalization(normalization, shape.channels);
  return {
    dataset,
    ...(sizePx !== undefined && resizable ? { sizePx } : {}),
    architecture,
    ...(normalization && { normalization }),
    recipe: parseParameters(recipeSchema, { ...recipes[start], ...input.recipe }, ['recipe']),
    start,
    seed,
    ...withNotes(['datasets', dataset]),
  };
}

/** The one attack that is asked for, of a record by ids. @throws TrojanscopeError BAD_USER_INPUT at `attack` */
export function chosenAttack(
  asked: ImplantRequest['attack'],
): [id: AttackId, given: Record<string, unknown>] {
  const [[id, given] = ['none', {}], ...others] = Object.entries(asked);
  if (others.length === 0 && implantable.includes(id as AttackId)) return [id as AttackId, given];
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `attack: expected exactly one of ${implantable.join(', ')}; got ${Object.keys(asked).join(', ') || 'none'}.`,
    ['attack'],
  );
}

/** What a backdoor into such a model says, with everything filled in. @throws TrojanscopeError BAD_USER_INPUT */
export function backdoorOf(
  {
    attack: asked,
    targetLabel,
    poisonRate,
    coverRatio,
    trainingTransforms,
  }: Pick<ImplantRequest, 'attack' | 'targetLabel' | 'poisonRate' | 'coverRatio' | 'trainingTransforms'>,
  { dataset, sizePx }: Pick<ModelSpec, 'dataset' | 'sizePx'>,
): BackdoorSpec {
  const [attack, given] = chosenAttack(asked);
  const { classNames, shape } = datasetOf(dataset);
  if (targetLabel >= classNames.length) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `targetLabel: expected a label from 0 to ${classNames.length - 1}; got ${targetLabel}.`,
      ['targetLabel'],
    );
  }
  const images = sizePx === undefined ? shape : { ...shape, height: sizePx, width: sizePx };
  const transformed = trainingTransforms && completeTransforms(trainingTransforms, images);
  const under = transformed?.transforms.map(({ transform }) => ['transforms', transform] as const) ?? [];
  return completeBackdoor({
    attack,
    parameters: parseParameters(attackOf(attack).parameters, given, ['attack', attack]),
    targetLabel,
    poisonRate,
    coverRatio,
    ...(transformed && { trainingTransforms: transformed }),
    ...withNotes(['attacks', attack], ...under),
  });
}
