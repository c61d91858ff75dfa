import type { ArchitectureDefinition } from './architecture.js';
import { lenet } from './lenet.js';
import { resnet34 } from './resnet34.js';

/** THE LIST of architectures. The key is the id everywhere: database, API, page. */
export const architectures = { lenet, resnet34 } satisfies Record<string, ArchitectureDefinition>;

export type ArchitectureId = keyof typeof architectures;
