import { TrojanscopeError } from '@trojanscope/core';
import type * as S from '@trojanscope/schema';

/** Of the one argument that every mutation takes. */
export const INPUT = { description: 'What to do.' };

/** Expected refusals are data: `{ errors }` beside an empty entity. Anything else is a fault and goes up. */
export async function answer<T extends object>(
  work: () => Promise<T>,
): Promise<(T & { errors: [] }) | { errors: S.UserError[] }> {
  try {
    return { ...(await work()), errors: [] };
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    const { code, message, field } = error;
    return { errors: [{ code, message, field: field.map(String) }] };
  }
}
