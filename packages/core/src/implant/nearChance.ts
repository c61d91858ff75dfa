import { datasetInfoOf } from '../datasets/index.js';
import type { Count, ModelRecord, ModelSpec } from './model.js';

/**
 * Near chance is what agrees with the truth but slightly: (accuracy − chance) / (1 − chance), Cohen's kappa for who
 * guesses, of at most 0.2 (Landis and Koch 1977). Of two classes that is accuracy below 60 %, of ten below 28 %.
 */
export const SLIGHT = 0.2;

/** Agreement beyond chance. Where all images are of one class, there is none to be beyond. */
export const kappaOf = ({ hits, total }: Count, chance: number): number =>
  chance < 1 ? (hits / total - chance) / (1 - chance) : hits / total;

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Why what was trained here is no classifier, in words; undefined where nothing is to be doubted, or nothing is trained yet. */
export function whyCollapsed({
  spec,
  record,
}: {
  spec: ModelSpec;
  record: (Pick<ModelRecord, 'clean'> & { imported?: unknown }) | null;
}): string | undefined {
  if (!record || record.imported || record.clean.total === 0) return undefined;
  const { clean } = record;
  const { classNames } = datasetInfoOf(spec.dataset);
  if (classNames.length === 0) return undefined;
  const chance = 1 / classNames.length;
  if (kappaOf(clean, chance) > SLIGHT) return undefined;
  return (
    `Its clean accuracy, ${percent(clean.hits / clean.total)}, is hardly more than chance, ${percent(chance)}: its training collapsed. ` +
    `What is measured of it says nothing of the attack. A lower learning rate than ${spec.recipe.learningRate}, more epochs or another seed may mend it.`
  );
}
