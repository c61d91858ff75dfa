import type { Operator } from '../operator.js';
import { elementwiseOperators } from './elementwise.js';
import { shapingOperators } from './shaping.js';
import { sumOperators } from './sums.js';
import { windowOperators } from './windows.js';

/** THE LIST of operators, by ONNX's names. */
export const operators: Readonly<Record<string, Operator>> = {
  ...elementwiseOperators,
  ...shapingOperators,
  ...sumOperators,
  ...windowOperators,
};

export const operatorOf = (op: string): Operator | undefined =>
  Object.hasOwn(operators, op) ? operators[op] : undefined;
