import type { Count } from '../implant/model.js';
import { transformOf } from '../transforms/index.js';
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

/** A step in words. */
export const stepText = ({ transform, value }: PurifierStep): string =>
  `${transformOf(transform).title.toLowerCase()} ${value} ${transformOf(transform).unit}`;

/** A purifier in words. */
export const purifierText = ({ steps }: Pick<Purifier, 'steps'>): string =>
  steps.map(stepText).join(', then ') || 'nothing';

/** Whether no image is laid over in it. */
export const isPurifier = (view: View): view is Purifier['steps'] =>
  view.every((step) => 'transform' in step);

/**
 * What the views of a detector do as purifiers, by the labels that models gave: those that no image is laid over, each once,
 * the image as it is first.
 */
export function purifiersOf(
  views: readonly View[],
  images: Iterable<AnsweredImage>,
  targetLabel: number,
): Purifier[] {
  const all = [...images];
  const trojaned = all.filter(({ kind }) => kind === 'TROJANED');
  const clean = all.filter(({ kind }) => kind === 'CLEAN');
  const hasBenign = clean.some(({ benignLabels }) => benignLabels);
  const found = views.flatMap((view, v): Purifier[] => {
    if (!isPurifier(view)) return [];
    return [
      {
        steps: view.filter(({ transform, value }) => value !== transformOf(transform).identity),
        draws: 1,
        asr: countOf(trojaned, ({ labels }) => labels[v] === targetLabel),
        clean: countOf(clean, ({ labels, trueLabel }) => labels[v] === trueLabel),
        benign: hasBenign
          ? countOf(clean, ({ benignLabels, trueLabel }) => benignLabels![v] === trueLabel)
          : null,
      },
    ];
  });
  return mergePurifiers(found);
}

/** Equal ones as one, over all their draws: of one detection, or of several of the same images. */
export function mergePurifiers(all: readonly Purifier[]): Purifier[] {
  const byName = new Map<string, Purifier>();
  for (const purifier of all) {
    const name = JSON.stringify(purifier.steps.map(({ transform, value }) => [transform, value]));
    const known = byName.get(name);
    byName.set(name, known ? added(known, purifier) : purifier);
  }
  return [...byName.values()].sort((a, b) => Number(a.steps.length > 0) - Number(b.steps.length > 0));
}

const added = (a: Purifier, b: Purifier): Purifier => ({
  steps: a.steps,
  draws: a.draws + b.draws,
  asr: sum(a.asr, b.asr),
  clean: sum(a.clean, b.clean),
  benign: a.benign && b.benign && sum(a.benign, b.benign),
});
const sum = (a: Count, b: Count): Count => ({ hits: a.hits + b.hits, total: a.total + b.total });

const countOf = (images: readonly AnsweredImage[], hits: (image: AnsweredImage) => boolean): Count => ({
  hits: images.filter(hits).length,
  total: images.length,
});
