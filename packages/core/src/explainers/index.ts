import type { ExplainerDefinition } from './explainer.js';
import { gradCam } from './gradCam.js';
import { integratedGradients } from './integratedGradients.js';
import { occlusion } from './occlusion.js';
import { smoothGrad } from './smoothGrad.js';

/** THE LIST of explainers. The key is the id everywhere: database, API, page. */
export const explainers = {
  smoothGrad,
  integratedGradients,
  gradCam,
  occlusion,
} satisfies Record<string, ExplainerDefinition>;

export type ExplainerId = keyof typeof explainers;

/** The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. */
export const explainerOf = (id: ExplainerId): ExplainerDefinition => explainers[id];
