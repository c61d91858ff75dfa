import { type DetectorId, detectionRequest, detectorOf, detectors } from '@trojanscope/core/definitions';
import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { idempotent } from './idempotency.js';
import { inputName, inputOf } from './inputOf.js';

/** JSON Schema of a detector's parameters: what the catalog publishes and forms draw. */
export const detectorSchema = (id: DetectorId) => z.toJSONSchema(detectorOf(id).parameters, { io: 'input' });

/** Input types are derived from the detectors' own parameter objects, so that a new detector needs no line here. */
@InputType({ description: 'Exactly one detector with its parameters; `{}` are the defaults.' })
export class DetectorInput {
  [detector: string]: Record<string, unknown> | undefined;
}

for (const id of Object.keys(detectors) as DetectorId[]) {
  const { title, description, parameters } = detectorOf(id);
  const ParametersInput = inputOf(inputName('detectors', id), `Parameters of ${title}.`, parameters, {
    defaults: 'said',
  });
  Field(() => ParametersInput, { nullable: true, description })(DetectorInput.prototype, id);
}

export const runDetectorRequest = detectionRequest.extend(idempotent);
export const RunDetectorInput = inputOf('RunDetectorInput', 'A detector to try.', runDetectorRequest, {
  types: { detector: DetectorInput },
});
export type RunDetectorInput = z.output<typeof runDetectorRequest>;
