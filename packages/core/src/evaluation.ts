/** What a study's numbers come to, without the engine: for those who report them. */

export { cornersOf, jointly, rocOf } from './detect/measures.js';
export {
  type AnsweredImage,
  isPurifier,
  mergePurifiers,
  type Purifier,
  type PurifierStep,
  purifiersOf,
  purifierText,
  stepText,
} from './detect/purifiers.js';
export * from './detect/sets.js';
export { type Measured, POPULATIONS, type Population, scoresOf } from './detect/summary.js';
export type { SaliencyScore } from './explain/score.js';
export type { Count } from './implant/model.js';
export { mcNemarExact } from './lib/statistics.js';
export * from './study/comparison.js';
export * from './study/estimates.js';
export * from './study/front.js';
export * from './study/paper.js';
export * from './study/profile.js';
export * from './study/results.js';
export * from './study/statements.js';
export * from './study/variants.js';
