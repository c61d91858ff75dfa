import type { RateLimits } from '../rateLimits.js';
import { createLoginLimits, type LoginLimits } from './loginLimits.js';
import { createPasswords, type Passwords } from './passwords.js';

/** How this server knows who asks. */
export interface Auth {
  /** Off: anyone who reaches the server may do everything, so it listens on loopback only. */
  on: boolean;
  /** Where browsers find the server, if not at its own address: behind a proxy that speaks TLS. */
  publicUrl: URL | null;
  passwords: Passwords;
  limits: LoginLimits;
}

export const createAuth = ({ on, publicUrl }: Pick<Auth, 'on' | 'publicUrl'>, limits: RateLimits): Auth => ({
  on,
  publicUrl,
  passwords: createPasswords(),
  limits: createLoginLimits(limits),
});
