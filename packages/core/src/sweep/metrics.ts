import { wilson } from '../lib/statistics.js';

export { mcNemarExact } from '../lib/statistics.js';

/** Wilson's interval at 95 %. */
export const wilson95 = (hits: number, total: number) => wilson(hits, total, 0.95);
