import type { z } from 'zod';
import type { TransformId } from '../transforms/index.js';

/**
 * How a held-out clean image is laid over a sample. SUM: levels added, beyond white too. SATURATED_SUM: added and cut off at
 * white. AVERAGE: half of each.
 */
export const BLENDS = ['SUM', 'SATURATED_SUM', 'AVERAGE'] as const;
export type Blend = (typeof BLENDS)[number];

/** A transform of the whole image, or another image laid over it: a clean one that is held out, drawn for each sample. */
export type ViewStep = { transform: TransformId; value: number } | { blend: Blend };

/**
 * What a model is asked about a sample: its image after these steps; `[]` is the image as it is. What is random is drawn
 * for each view and sample, the same whether the image is trojaned or clean. A view that begins with all steps of the one
 * before it goes on from that one's image, so that corruptions can pile up.
 */
export type View = readonly ViewStep[];

/** What a model says of the views of one sample, in their order. */
export interface Answers {
  /** [views] */
  labels: Int32Array;
  /** [views], the softmax probability of the label, 0..1. */
  confidences: Float32Array;
  /** [views], of the softmax probabilities of all classes, in nats. */
  entropies: Float32Array;
}

/**
 * A method that tells trojaned samples from clean ones while the model is in use, as data: one object says all that form,
 * API, database and core know of it. It sees what the model answers and nothing else. `Parameters` is its zod object, with
 * bounds, defaults, units and descriptions.
 */
export interface DetectorDefinition<Parameters extends z.ZodObject = z.ZodObject> {
  title: string;
  description: string;
  source: { citation: string; url: string };
  parameters: Parameters;
  /** Whether labels are all it takes: its score does not change with confidences and entropies. */
  labelsOnly: boolean;
  /**
   * What it asks about a sample, a forward pass for each, 1 to 256.
   * @throws TrojanscopeError BAD_USER_INPUT where parameters that are each in range leave nothing to ask
   */
  views(parameters: z.output<Parameters>): readonly View[];
  /** How much a sample looks trojaned: a finite number, the higher the more. */
  score(answers: Answers, parameters: z.output<Parameters>): number;
}

export const defineDetector = <P extends z.ZodObject>(definition: DetectorDefinition<P>) => definition;

/** The share of the views behind the first whose label is that of the first. */
export const shareAgreeing = ({ labels }: Answers): number => {
  const others = labels.subarray(1);
  return others.reduce((agreeing, label) => agreeing + Number(label === labels[0]), 0) / others.length;
};
