import { createRequire } from 'node:module';
import os from 'node:os';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { TrojanscopeError } from './errors.js';

/** Tensor types and functions. Importing them loads no engine: that is `loadEngine`'s alone. */
export { tf };

export interface EngineInfo {
  /** Name and version of the library that computes, e.g. `TensorFlow 2.21.0`. */
  engine: string;
  /** `CPU` or `GPU`. */
  device: string;
  /** The make of the machine's processor. */
  processor: string;
  /** How many it computes with. Another number sums in another order, so the last digits of weights depend on it. */
  threads: number;
}

/** What tfjs-node's backend offers beyond tfjs: any TensorFlow kernel by name, and saved graphs. */
export interface NodeBackend {
  binding: Record<string, number> & { TF_Version: string };
  isGPUPackage: boolean;
  isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  loadSavedModelMetaGraph(path: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: tf.Tensor[], info: TensorInfo[], outputs: string[]): tf.Tensor[];
}
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}
export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
}

let loading: Promise<EngineInfo> | undefined;

/**
 * Loads TensorFlow into this process, once. `threads` (0: one for each core; TROJANSCOPE_THREADS) binds only the first call.
 * @throws TrojanscopeError ENGINE_UNAVAILABLE with what to do.
 */
export function loadEngine(threads = Number(process.env.TROJANSCOPE_THREADS ?? 0)): Promise<EngineInfo> {
  loading ??= load(threads);
  return loading;
}

async function load(threads: number): Promise<EngineInfo> {
  // TensorFlow reads these when it starts; its start-up notes are not for our users.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // By itself TensorFlow takes oneDNN's kernels only where a processor has AVX-512 VNNI, AMX or the like. Measured on such
  // a one, without them: gradients of a ResNet-34 at 25 % of the speed, its training at 43 %, inference at 60 %.
  if (process.arch === 'x64') process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  // Else the first process on a GPU takes all of its memory, and there is one for jobs, for pictures and for an import.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (threads > 0) {
    process.env.OMP_NUM_THREADS = String(threads);
    process.env.TF_NUM_INTRAOP_THREADS = String(threads);
    process.env.TF_NUM_INTEROP_THREADS = String(threads);
  }
  // Node 23 removed two functions that tfjs-node calls.
  const shim = util as unknown as Record<string, unknown>;
  shim.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  shim.isArray ??= Array.isArray;
  try {
    createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
    await tf.ready();
  } catch (error) {
    throw new TrojanscopeError(
      'ENGINE_UNAVAILABLE',
      `TensorFlow did not load: ${(error as Error).message.split('\n')[0]}. Run \`npm start\` once, which installs it.`,
    );
  }
  const backend = nodeBackend();
  return {
    engine: `TensorFlow ${backend.binding.TF_Version}`,
    device: backend.isUsingGpuDevice ? 'GPU' : 'CPU',
    processor: os.cpus()[0]?.model.trim() || 'unknown processor',
    threads: threads || os.availableParallelism(),
  };
}

/** The engine's own interface, for kernels and graphs. */
export function nodeBackend(): NodeBackend {
  const backend = tf.backend() as unknown as NodeBackend;
  if (!backend.binding) throw new TrojanscopeError('ENGINE_UNAVAILABLE', 'loadEngine() was not awaited.');
  return backend;
}

/** What a kernel is told beside its inputs. @param type TensorFlow's own, without its prefix */
export const attribute = (
  name: string,
  type: 'TYPE' | 'INT' | 'FLOAT' | 'BOOL' | 'STRING',
  value: unknown,
): Attribute => ({
  name,
  type: nodeBackend().binding[`TF_ATTR_${type}`] as number,
  value,
});
