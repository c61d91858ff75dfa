import { datasetOf } from '../datasets/index.js';
import type { Count, ModelRecord } from './model.js';

/**
 * Near chance is what agrees with the truth but slightly: (accuracy − chance) / (1 − chance), Cohen's kappa for who
 * guesses, of at most 0.2 (Landis and Koch 1977). Of two classes that is accuracy below 60 %, of ten below 28 %.
 */
export const SLIGHT = 0.2;

/** Agreement beyond chance. Where all images are of one class, there is none to be beyond. */
export const kappaOf = ({ hits, total }: Count, chance: number): number =>
  chance < 1 ? (hits / total - chance) / (1 - chance) : hits / total;

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Why what was trained here is no classifier, in words; undefined where nothing is to be doubted. */
export function whyCollapsed({
  spec,
  clean,
  imported,
}: Pick<ModelRecord, 'spec' | 'clean'> & { imported?: unknown }): string | undefined {
  const chance = 1 / datasetOf(spec.dataset).classNames.length;
  if (imported || clean.total === 0 || kappaOf(clean, chance) > SLIGHT) return undefined;
  return (
    `Its clean accuracy, ${percent(clean.hits / clean.total)}, is hardly more than chance, ${percent(chance)}: its training collapsed. ` +
    `What is measured of it says nothing of the attack. A lower learning rate than ${spec.recipe.learningRate}, more epochs or another seed may mend it.`
  );
}
