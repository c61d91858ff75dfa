import { TrojanscopeError } from '@trojanscope/core';
import type { Role as RoleEnum, SignInMethod, TokenScope } from '@trojanscope/schema';

export type Role = keyof typeof RoleEnum;
export type Scope = keyof typeof TokenScope;

/** Who does something, as it is written down. */
export interface Actor {
  /** A user's id, `local` or `server`. */
  id: string;
  /** The session or access token it is done with. */
  credentialId: string | null;
}

/** Who asks. */
export interface Viewer extends Actor {
  name: string;
  /** What this request may do: the user's role, or less with a narrow token. */
  role: Role;
  signedInBy: keyof typeof SignInMethod;
}

/** Who asks, where rules let nobody by who is not known. @throws TrojanscopeError UNAUTHENTICATED */
export function viewerOf<Known extends Actor>({ viewer }: { viewer: Known | null }): Known {
  if (viewer) return viewer;
  throw new TrojanscopeError('UNAUTHENTICATED', 'Sign in, or send an access token.');
}

/** The person at this machine, where accounts are off. */
export const LOCAL: Viewer = {
  id: 'local',
  name: 'local',
  role: 'ADMIN',
  signedInBy: 'LOCAL',
  credentialId: null,
};

/** The server itself: the study of a first start. */
export const SERVER: Actor = { id: 'server', credentialId: null };

const ROLES: readonly Role[] = ['VIEWER', 'RUNNER', 'ADMIN'];
const HIGHEST: Record<Scope, Role> = { READ: 'VIEWER', RUN: 'RUNNER', ALL: 'ADMIN' };

export const isAtLeast = (role: Role, needed: Role) => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Everyone may change what they started, an admin anything. */
export const mayChange = ({ role, id }: Viewer, thing: { created_by: string | null } | undefined): boolean =>
  role === 'ADMIN' || thing?.created_by === id;

/** What is left of a role with a token of this scope. */
export const narrowed = (role: Role, scope: Scope): Role =>
  isAtLeast(role, HIGHEST[scope]) ? HIGHEST[scope] : role;
