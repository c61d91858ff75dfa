import { attackOf } from './attacks/index.js';
import { ATTACKED_SHAPES, attackChecks } from './contract/attacks.js';
import type { Check } from './contract/check.js';
import { datasetChecks } from './contract/datasets.js';
import { detectorChecks, detectorSettings } from './contract/detectors.js';
import { explainerChecks } from './contract/explainers.js';
import { transformChecks } from './contract/transforms.js';
import { datasetOf } from './datasets/index.js';
import { detectorOf } from './detect/index.js';
import { explainerOf } from './explainers/index.js';
import type { PluginKind } from './lib/plugins.js';
import { transformOf } from './transforms/index.js';
import { TRANSFORM_TARGETS } from './transforms/transform.js';

/** What definitions keep to, as functions: the contract tests run them of what is built in, `plugins check` of one's own. */
export type { Check };

const named = (where: string, checks: Check[]): Check[] =>
  checks.map(({ name, run }) => ({ name: `${where}: ${name}`, run }));

/** Every check of a definition that is here, in order. The engine is to be loaded. */
export function checksOf(kind: PluginKind, id: string): Check[] {
  switch (kind) {
    case 'attacks':
      return ATTACKED_SHAPES.flatMap((shape) =>
        named(
          `on ${shape.width}×${shape.height}×${shape.channels}`,
          attackChecks(attackOf(id as never), shape),
        ),
      );
    case 'transforms':
      return TRANSFORM_TARGETS.flatMap((target) =>
        [1, 3].flatMap((channels) =>
          named(
            `of the ${target.toLowerCase()}, channels: ${channels}`,
            transformChecks(transformOf(id as never), target, channels),
          ),
        ),
      );
    case 'detectors': {
      const detector = detectorOf(id as never);
      return detectorSettings(detector).flatMap((given) =>
        named(`with ${JSON.stringify(given)}`, detectorChecks(detector, given)),
      );
    }
    case 'explainers':
      return explainerChecks(explainerOf(id as never));
    case 'datasets':
      return datasetChecks(datasetOf(id));
  }
}
