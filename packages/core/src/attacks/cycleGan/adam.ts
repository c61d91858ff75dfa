import { tf } from '../../lib/backend.js';

/** Zhu et al. 2017 and Radford et al. 2015: half of the usual memory for the gradient steadies the game. */
const [BETA1, BETA2] = [0.5, 0.999];
const EPSILON = 1e-8;

/** The two numbers that change from step to step, in the form in which `adam` needs them. */
export const adamRates = (rate: number, step: number): [number, number] => [
  rate / (1 - BETA1 ** step),
  1 / Math.sqrt(1 - BETA2 ** step),
];

export interface AdamState {
  weights: tf.Tensor[];
  /** Running means of the gradients and of their squares. */
  first: tf.Tensor[];
  second: tf.Tensor[];
}

/**
 * One step of Adam (Kingma, Ba 2014, arXiv:1412.6980), made for graphs: state in, state out.
 * @param rates `adamRates` as a tensor [2]; steps count from 1
 */
export function adam(
  { weights, first, second }: AdamState,
  gradients: tf.Tensor[],
  rates: tf.Tensor,
): AdamState {
  const [rate, unbias] = tf.split(rates, 2) as [tf.Tensor, tf.Tensor];
  const towards = (old: tf.Tensor, now: tf.Tensor, share: number) =>
    tf.add(old, tf.mul(tf.sub(now, old), share));
  const nextFirst = first.map((mean, i) => towards(mean, gradients[i]!, 1 - BETA1));
  const nextSecond = second.map((mean, i) => towards(mean, tf.square(gradients[i]!), 1 - BETA2));
  return {
    weights: weights.map((weight, i) => {
      const spread = tf.add(tf.mul(tf.sqrt(nextSecond[i]!), unbias), EPSILON);
      return tf.sub(weight, tf.mul(rate, tf.div(nextFirst[i]!, spread)));
    }),
    first: nextFirst,
    second: nextSecond,
  };
}
