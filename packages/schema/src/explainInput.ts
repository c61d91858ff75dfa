import {
  explainRequest as outcomesRequest,
  probeRequest,
  probeTransformRequest,
  smoothGradParameters,
} from '@trojanscope/core/definitions';
import type { z } from 'zod';
import { ExplainedClass, GradientMode, TransformId, TransformTarget } from './enums.js';
import { idempotent } from './idempotency.js';
import { inputOf } from './inputOf.js';

const types = { mode: GradientMode, explainedClass: ExplainedClass };

export const SmoothGradInput = inputOf('SmoothGradInput', 'How SmoothGrad explains.', smoothGradParameters, {
  types,
});

export const explainRequest = outcomesRequest.extend(idempotent);
export const ExplainInput = inputOf('ExplainInput', 'Outcomes to explain with SmoothGrad.', explainRequest, {
  types,
});
export type ExplainInput = z.output<typeof explainRequest>;

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
