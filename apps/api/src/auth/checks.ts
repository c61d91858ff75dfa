import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import { passwordSchema, userNameSchema } from '@trojanscope/schema';

/** A name as it is stored. @throws TrojanscopeError BAD_USER_INPUT */
export const checkName = (name: string): string => parseParameters(userNameSchema, name, ['name']);

/** @throws TrojanscopeError BAD_USER_INPUT, which does not repeat the password */
export function checkPassword(password: string, field = 'password'): string {
  if (passwordSchema.safeParse(password).success) return password;
  throw new TrojanscopeError('BAD_USER_INPUT', `${field}: expected 12 to 200 characters.`, [field]);
}
