import type { AttackDefinition } from './attack.js';
import { badnets } from './badnets.js';

/** THE LIST of attacks. The key is the id everywhere: database, API, page. */
export const attacks = { badnets } satisfies Record<string, AttackDefinition>;

export type AttackId = keyof typeof attacks;

/** The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. */
export const attackOf = (id: AttackId): AttackDefinition => attacks[id];
