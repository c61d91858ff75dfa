import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answers, DetectorDefinition } from '../detect/detector.js';
import { parseParameters } from '../lib/params.js';
import { createRandom } from '../lib/random.js';
import { transforms } from '../transforms/index.js';
import { type Check, checkParameters, checkWords } from './check.js';

/** The defaults, and each choice that a parameter offers. */
export function detectorSettings({ parameters }: DetectorDefinition): Record<string, unknown>[] {
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' });
  const choices = Object.entries(properties).flatMap(([name, schema]) =>
    ((schema as { enum?: string[] }).enum ?? []).map((word) => ({ [name]: word })),
  );
  return [{}, ...choices];
}

/** What a model says that is sure of all that it says. */
export const sureAnswers = (labels: readonly number[], entropies = labels.map(() => 0)): Answers => ({
  labels: Int32Array.from(labels),
  confidences: Float32Array.from(labels, () => 1),
  entropies: Float32Array.from(entropies),
});

/** What every detector keeps to. @param given parameters, the rest by default */
export function detectorChecks(detector: DetectorDefinition, given: Record<string, unknown>): Check[] {
  const parametersAndViews = () => {
    const parameters = parseParameters(detector.parameters, given);
    return { parameters, views: detector.views(parameters) };
  };
  return [
    {
      name: 'asks 1 to 256 questions, each within its transform’s range',
      run() {
        const { views } = parametersAndViews();
        assert.ok(views.length >= 1 && views.length <= 256, `views: expected 1 to 256, got ${views.length}`);
        for (const step of views.flat()) {
          if ('blend' in step) continue;
          assert.ok(
            Object.hasOwn(transforms, step.transform),
            `views: there is no transform ${step.transform}`,
          );
          const { minimum, maximum } = transforms[step.transform];
          assert.ok(
            step.value >= minimum && step.value <= maximum,
            `views: expected ${step.transform} from ${minimum} to ${maximum}, got ${step.value}`,
          );
        }
      },
    },
    {
      name: 'scores any answers with a finite number, by labels alone where it says so',
      run() {
        const { parameters, views } = parametersAndViews();
        const random = createRandom(1);
        for (let i = 0; i < 50; i++) {
          const labels = Array.from(views, () => random.integer(3));
          const some = sureAnswers(
            labels,
            labels.map(() => random.float()),
          );
          const score = detector.score(some, parameters);
          assert.ok(Number.isFinite(score), `score: expected a finite number, got ${score}`);
          assert.equal(
            detector.score(some, parameters),
            score,
            'score: expected the same for the same answers',
          );
          const unsure = {
            ...some,
            confidences: some.confidences.map(() => 0.1),
            entropies: some.entropies.map(() => 2),
          };
          if (detector.labelsOnly)
            assert.equal(
              detector.score(unsure, parameters),
              score,
              'labelsOnly: expected a score by labels alone',
            );
        }
      },
    },
    {
      name: 'says what it is and where it is from, with a default and a description for every parameter',
      run() {
        checkWords(detector, detector.source);
        checkParameters(detector.parameters);
      },
    },
  ];
}
