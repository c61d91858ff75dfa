import type { tf } from '../../lib/backend.js';
import type { FloatArray } from '../../lib/safetensors.js';
import { toArrays, toTensors } from '../../lib/tensors.js';
import type { CycleGanCheckpoint } from './trainCycleGan.js';
import type { Networks, Trained } from './trainStep.js';

const STEP = 'step';
const POOLS = ['content', 'style'] as const;

/** A checkpoint as named arrays, to be saved; the tensors stay where they are. */
export async function checkpointToArrays(
  checkpoint: CycleGanCheckpoint,
): Promise<Record<string, FloatArray>> {
  const tensors: Record<string, tf.Tensor> = {};
  for (const [network, trained] of Object.entries(checkpoint.networks)) {
    for (const [part, weights] of Object.entries(trained as Trained)) {
      for (const [name, tensor] of Object.entries(weights as Trained['weights']))
        tensors[`${network}:${part}:${name}`] = tensor;
    }
  }
  for (const pool of POOLS) {
    const images = checkpoint.pools[pool];
    if (images) tensors[`pool:${pool}`] = images;
  }
  return { ...(await toArrays(tensors)), [STEP]: { shape: [1], values: Float32Array.of(checkpoint.step) } };
}

/** The checkpoint that `arrays` hold; its tensors are the caller's. */
export function checkpointFromArrays({
  [STEP]: step,
  ...arrays
}: Record<string, FloatArray>): CycleGanCheckpoint {
  const networks: Record<string, Record<string, Record<string, tf.Tensor>>> = {};
  const pools: Record<string, tf.Tensor> = {};
  for (const [key, tensor] of Object.entries(toTensors(arrays))) {
    const [network, part, name] = key.split(':') as [string, string, string];
    if (network === 'pool') {
      pools[part] = tensor;
      continue;
    }
    networks[network] ??= {};
    networks[network][part] ??= {};
    networks[network][part][name] = tensor;
  }
  return {
    step: step!.values[0]!,
    networks: networks as unknown as Networks,
    pools: pools as CycleGanCheckpoint['pools'],
  };
}
