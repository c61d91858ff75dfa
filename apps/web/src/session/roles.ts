import type { Role } from './viewer';

/** What each role may do, in the order in which they may more. */
export const roles: Record<Role, string> = {
  VIEWER: 'sees everything but accounts and the audit log',
  RUNNER: 'also starts work, and cancels and retries what they started',
  ADMIN: 'everything: the work of others, accounts, the audit log',
};

const ORDER = Object.keys(roles) as Role[];

export const isAtLeast = (role: Role, least: Role) => ORDER.indexOf(role) >= ORDER.indexOf(least);
