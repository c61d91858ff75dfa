import { fileURLToPath } from 'node:url';

/** Of the clone, wherever one stands: the same for every command and the server. */
export const DEFAULT_DATA = fileURLToPath(new URL('../../../data', import.meta.url));
