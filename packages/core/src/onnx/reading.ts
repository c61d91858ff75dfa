import type { Network } from '../architectures/architecture.js';
import { tf } from '../lib/backend.js';

/** How an imported network is asked, where its file does not say. What is left out is as it is for networks of our own. */
export interface OnnxReading {
  /** Which of its outputs is asked, by its place; the first where it is left out. */
  output?: number;
  /** It answers with probabilities, and no softmax at its end could be left away for logits. */
  probabilities?: true;
  /** It takes channels in the order of BGR. */
  bgr?: true;
  /** For each label the output that says it; the same where it is left out. */
  order?: number[];
}

/** A probability of 0 has no logarithm. */
const LEAST = 1e-30;

/**
 * The network as one of our own: for images of RGB, with a logit for each label. Of probabilities the logits are their
 * logarithms: softmax makes the same probabilities of them again, and what is explained is the logarithm.
 */
export function readAs<N extends Network>(network: N, { probabilities, bgr, order }: OnnxReading): N {
  if (!probabilities && !bgr && !order) return network;
  return {
    ...network,
    logits: (weights, images) =>
      tf.tidy(() => {
        const answers = network.logits(weights, bgr ? tf.reverse(images, 3) : images);
        const logits = probabilities ? tf.log(tf.add<tf.Tensor2D>(answers, LEAST)) : answers;
        return order ? tf.gather(logits, order, 1) : logits;
      }),
  };
}
