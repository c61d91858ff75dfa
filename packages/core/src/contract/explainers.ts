import assert from 'node:assert/strict';
import { lenet } from '../architectures/lenet.js';
import type { ExplainerDefinition } from '../explainers/explainer.js';
import { tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import {
  assertDifferent,
  assertSame,
  assertTensors,
  type Check,
  checkParameters,
  checkWords,
} from './check.js';

const digit = { height: 28, width: 28, channels: 1 };

/** What every explainer keeps to. */
export const explainerChecks = (explainer: ExplainerDefinition): Check[] => [
  {
    name: 'says what it is, where it comes from, and its defaults',
    run() {
      checkWords(explainer, explainer.paper);
      checkParameters(explainer.parameters);
      const { highlight } = explainer;
      assert.ok(highlight > 0 && highlight < 1, `highlight: expected a share above 0, got ${highlight}`);
    },
  },
  {
    name: 'explains a LeNet by a finite map, the same each time, and leaves no tensor behind',
    async run() {
      const weights = lenet.initialise(digit, 10, createRandom(1));
      const picture = tf.randomUniform<tf.Rank.R3>([28, 28, 1], 0, 1, 'float32', 2);
      const before = tf.memory().numTensors;
      const mapper = explainer.create({ network: lenet, weights, shape: digit, classes: 10 });
      const parameters = explainer.parameters.parse({});
      const [one, again, other] = [
        await mapper.map(picture, 4, parameters),
        await mapper.map(picture, 4, parameters),
        await mapper.map(picture, 5, parameters),
      ];
      mapper.dispose();
      assertTensors(before, 0, 'create, map and dispose');
      assert.equal(one.values.length, 784, 'values: expected one for each of 28·28 pixels');
      assert.ok(one.values.every(Number.isFinite), 'values: expected finite numbers');
      assertSame(again.values, one.values, 'values of the same image twice');
      assertDifferent(other.values, one.values, 'values: expected others for another class');
      tf.dispose([weights, picture]);
    },
  },
];
