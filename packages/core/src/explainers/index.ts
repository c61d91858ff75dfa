import { z } from 'zod';
import { absent, ownDefinitions, ownShape } from '../lib/plugins.js';
import {
  channelSum,
  classMask,
  defineExplainer,
  type ExplainerDefinition,
  FILLS,
  filled,
} from './explainer.js';
import { gradCam } from './gradCam.js';
import { integratedGradients } from './integratedGradients.js';
import { occlusion } from './occlusion.js';
import { smoothGrad } from './smoothGrad.js';

/** THE LIST of explainers. The key is the id everywhere: database, API, page. */
const builtIn = {
  smoothGrad,
  integratedGradients,
  gradCam,
  occlusion,
} satisfies Record<string, ExplainerDefinition>;

const own = ownDefinitions<ExplainerDefinition>(
  'explainers',
  { defineExplainer, channelSum, classMask, filled, FILLS },
  builtIn,
  z.looseObject({
    title: ownShape.title,
    description: ownShape.description,
    paper: ownShape.source,
    parameters: ownShape.parameters,
    highlight: z.number().gt(0).lt(1),
    create: ownShape.callable,
  }),
);

/** With the plugins'. */
export const explainers: typeof builtIn = { ...builtIn, ...own };

export type ExplainerId = keyof typeof explainers;

/**
 * The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. One that is not
 * here can be told of, and refuses to work.
 */
export const explainerOf = (id: ExplainerId): ExplainerDefinition =>
  Object.hasOwn(explainers, id) ? explainers[id] : absentExplainer(id);

function absentExplainer(id: string): ExplainerDefinition {
  const { title, description, source, parameters, refuse } = absent('explainers', id);
  return { title, description, paper: source, parameters, highlight: 0.5, create: refuse };
}
