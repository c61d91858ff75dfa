import type { FloatArray } from '../lib/safetensors.js';
import { graphOf, type OnnxGraph, weightsOf } from './graph.js';
import { type ExternalReader, parseOnnx } from './onnxFile.js';

/** A network of an ONNX file: its graph as data, and its weights by their names there. */
export interface OnnxNetwork {
  graph: OnnxGraph;
  weights: Record<string, FloatArray>;
  /** SHA-256 of each file beside it that held some of its weights. */
  externals: Record<string, string>;
}

/**
 * Reads an ONNX file that anybody may have made. Nothing in it runs; whatever it claims is checked before memory is taken
 * for it.
 * @param external what lies beside the file, by plain names
 * @param output which of its outputs holds the logits, by its place; the first of numbers where it is left out
 * @throws TrojanscopeError DATA_DAMAGED naming the place, what was expected and what came; UNSUPPORTED naming all
 *   operators that are not supported, or what else only other networks have
 */
export function readOnnx(bytes: Buffer, external?: ExternalReader, output?: number): OnnxNetwork {
  const model = parseOnnx(bytes, external);
  const graph = graphOf(model, output);
  return { graph, weights: weightsOf(graph), externals: Object.fromEntries(model.externals) };
}
