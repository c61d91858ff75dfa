import type { ArchitectureDefinition } from './architecture.js';
import { lenet } from './lenet.js';
import { resnet34 } from './resnet34.js';

/** THE LIST of architectures. The key is the id everywhere: database, API, page. */
export const architectures = { lenet, resnet34 } satisfies Record<string, ArchitectureDefinition>;

export type ArchitectureId = keyof typeof architectures;

/** In the place of an architecture: the network came as an ONNX file. It answers, but is not trained here. */
export const IMPORTED = 'onnx';
export type NetworkId = ArchitectureId | typeof IMPORTED;

/** What a network is called, one that was imported among them. */
export const networks: Record<NetworkId, { title: string; description: string }> = {
  ...architectures,
  [IMPORTED]: {
    title: 'Imported network',
    description: 'A network that came as an ONNX file. It answers and is explained, but is not trained here.',
  },
};
