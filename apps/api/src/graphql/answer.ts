import type * as S from '@trojanscope/schema';
import { refusalOf } from '../store/diskFull.js';

/** Of the one argument that every mutation takes. */
export const INPUT = { description: 'What to do.' };

/** Expected refusals are data: `{ errors }` beside an empty entity. Anything else is a fault and goes up. */
export async function answer<T extends object>(
  work: () => Promise<T>,
): Promise<(T & { errors: [] }) | { errors: S.UserError[] }> {
  try {
    return { ...(await work()), errors: [] };
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    const { code, message, field } = refusal;
    return { errors: [{ code, message, field: field.map(String) }] };
  }
}
