import { existsSync } from 'node:fs';
import type { tf } from '../../lib/backend.js';
import { readSafetensors, writeSafetensors } from '../../lib/safetensors.js';
import { toArrays, toTensors } from '../../lib/tensors.js';
import type { CycleGanCheckpoint } from './trainCycleGan.js';
import type { Networks, Trained } from './trainStep.js';

const STEP = 'step';
const NETWORKS = ['toStyle', 'toContent', 'styleJudge', 'contentJudge'] as const;
const PARTS = ['weights', 'first', 'second'] as const;

/** One file, replaced whole: a kill leaves the last one or this one. */
export async function saveCheckpoint(
  file: string,
  { step, networks, pools }: CycleGanCheckpoint,
): Promise<void> {
  const tensors: Record<string, tf.Tensor> = {};
  for (const network of NETWORKS) {
    for (const part of PARTS) {
      for (const [name, tensor] of Object.entries(networks[network][part])) {
        tensors[`${network}:${part}:${name}`] = tensor;
      }
    }
  }
  for (const [name, tensor] of Object.entries(pools)) if (tensor) tensors[`pool:${name}`] = tensor;
  const counted = { [STEP]: { shape: [1], values: Float32Array.of(step) } };
  await writeSafetensors(file, { ...counted, ...(await toArrays(tensors)) });
}

/** The checkpoint in `file`, if there is one; its tensors are the caller's. */
export async function loadCheckpoint(file: string): Promise<CycleGanCheckpoint | undefined> {
  if (!existsSync(file)) return undefined;
  const { [STEP]: step, ...arrays } = await readSafetensors(file);
  const tensors = toTensors(arrays);
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, tensor]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
      ),
    );
  const networks = Object.fromEntries(
    NETWORKS.map((network) => [
      network,
      Object.fromEntries(PARTS.map((part) => [part, under(`${network}:${part}:`)])) as unknown as Trained,
    ]),
  ) as unknown as Networks;
  return { step: step!.values[0]!, networks, pools: under('pool:') };
}
