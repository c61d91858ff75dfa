import {
  type ExplainerId,
  explainerOf,
  explainers,
  explainRequest as outcomesRequest,
  compareRequest as pointRequest,
  probeExplainRequest,
  probeRequest,
  probeTransformRequest,
} from '@trojanscope/core/definitions';
import { Field, InputType } from 'type-graphql';
import type { z } from 'zod';
import { ExplainedClass, GradientMode, TransformId, TransformTarget } from './enums.js';
import { idempotent } from './idempotency.js';
import { inputName, inputOf } from './inputOf.js';

/** Input types are derived from the explainers' own parameter objects, as attacks' are. */
@InputType({ description: 'Exactly one method with its parameters; `{}` are its defaults.' })
export class ExplainerInput {
  [method: string]: Record<string, unknown> | undefined;
}

for (const id of Object.keys(explainers) as ExplainerId[]) {
  const { title, description, parameters } = explainerOf(id);
  const ParametersInput = inputOf(inputName('explainers', id), `Parameters of ${title}.`, parameters, {
    types: id === 'smoothGrad' ? { mode: GradientMode } : {},
    defaults: 'said',
  });
  Field(() => ParametersInput, { nullable: true, description })(ExplainerInput.prototype, id);
}

const types = { mode: GradientMode, explainedClass: ExplainedClass, method: ExplainerInput };

export const SmoothGradInput = inputOf(
  'SmoothGradInput',
  'How to explain: as SmoothGrad does, or by the method that is named.',
  probeExplainRequest,
  { types },
);

export const explainRequest = outcomesRequest.extend(idempotent);
export const ExplainInput = inputOf(
  'ExplainInput',
  'Outcomes to explain, with SmoothGrad or the method that is named.',
  explainRequest,
  {
    types,
  },
);
export type ExplainInput = z.output<typeof explainRequest>;

export const compareRequest = pointRequest.extend(idempotent);
export const CompareExplainersInput = inputOf(
  'CompareExplainersInput',
  'Samples to explain with every method, untransformed and at a point.',
  compareRequest,
);
export type CompareExplainersInput = z.output<typeof compareRequest>;

export const ProbeTransformInput = inputOf(
  'ProbeTransformInput',
  'How to transform one sample.',
  probeTransformRequest,
  { types: { transform: TransformId, target: TransformTarget } },
);

export const ProbeInput = inputOf('ProbeInput', 'One sample to look at through one model.', probeRequest, {
  types: { transform: ProbeTransformInput, explain: SmoothGradInput },
});
export type ProbeInput = z.output<typeof probeRequest>;
