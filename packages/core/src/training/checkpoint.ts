import { existsSync } from 'node:fs';
import { type FloatArray, readSafetensors, writeSafetensors } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import type { Checkpoint } from './train.js';

const WEIGHTS = 'weights/';
const MOMENTA = 'momenta/';
const STEP = 'step';

/** One file, replaced whole: a kill leaves the last one or this one. */
export async function saveCheckpoint(file: string, { step, weights, momenta }: Checkpoint): Promise<void> {
  await writeSafetensors(file, {
    [STEP]: { shape: [1], values: Float32Array.of(step) },
    ...prefixed(WEIGHTS, await toArrays(weights)),
    ...prefixed(MOMENTA, await toArrays(momenta)),
  });
}

/** The checkpoint in `file`, if there is one. */
export async function loadCheckpoint(file: string): Promise<Checkpoint | undefined> {
  if (!existsSync(file)) return undefined;
  const arrays = await readSafetensors(file);
  const under = (prefix: string) =>
    toTensors(
      Object.fromEntries(
        Object.entries(arrays).flatMap(([name, array]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
        ),
      ),
    );
  return { step: arrays[STEP]!.values[0]!, weights: under(WEIGHTS), momenta: under(MOMENTA) };
}

const prefixed = (prefix: string, arrays: Record<string, FloatArray>) =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
