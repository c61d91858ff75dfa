import type { Count } from '../implant/model.js';
import { transforms } from '../transforms/index.js';
import type { Answers, View, ViewStep } from './detector.js';
import type { DetectedImage } from './runDetection.js';

export type PurifierStep = Exclude<ViewStep, { blend: unknown }>;

/** A transform, or several one after the other, that a defender applies to every input; none is the image as it is. */
export interface Purifier {
  steps: readonly PurifierStep[];
  /** How often it was asked about an image; counts are over all of these, though the images are the same. */
  draws: number;
  /** Trojaned images whose label is the target. */
  asr: Count;
  /** Clean images whose label is right. */
  clean: Count;
  /** The same at the benign model; null where there is none. */
  benign: Count | null;
}

/** Of a judged image what purifiers are made of. */
export type AnsweredImage = Pick<DetectedImage, 'kind' | 'trueLabel'> & {
  /** [views] */
  labels: Answers['labels'];
  /** [views], at the benign model; null where there is none, and of OTHER_CLEAN. */
  benignLabels: Answers['labels'] | null;
};

/**
 * What the views of a detector do as purifiers, by the labels that models gave: those that no image is laid over, each once,
 * the image as it is first.
 */
export function purifiersOf(
  views: readonly View[],
  images: Iterable<AnsweredImage>,
  targetLabel: number,
): Purifier[] {
  const byName = new Map<string, Purifier>();
  const purifiers = views.map((view) => {
    if (!view.every(isTransform)) return null;
    const steps = view.filter(({ transform, value }) => value !== transforms[transform].identity);
    const name = JSON.stringify(steps.map(({ transform, value }) => [transform, value]));
    const known = byName.get(name);
    if (known) return known;
    const purifier: Purifier = { steps, draws: 0, asr: none(), clean: none(), benign: null };
    byName.set(name, purifier);
    return purifier;
  });
  for (const purifier of purifiers) if (purifier) purifier.draws++;
  for (const { kind, trueLabel, labels, benignLabels } of images) {
    if (kind === 'OTHER_CLEAN') continue;
    for (const [v, purifier] of purifiers.entries()) {
      if (!purifier) continue;
      if (kind === 'TROJANED') count(purifier.asr, labels[v] === targetLabel);
      else {
        count(purifier.clean, labels[v] === trueLabel);
        if (benignLabels) {
          purifier.benign ??= none();
          count(purifier.benign, benignLabels[v] === trueLabel);
        }
      }
    }
  }
  return [...byName.values()].sort((a, b) => Number(a.steps.length > 0) - Number(b.steps.length > 0));
}

const isTransform = (step: ViewStep): step is PurifierStep => 'transform' in step;
const none = (): Count => ({ hits: 0, total: 0 });
function count(counts: Count, hit: boolean): void {
  counts.hits += Number(hit);
  counts.total++;
}
