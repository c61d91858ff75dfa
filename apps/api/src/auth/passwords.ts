import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { TrojanscopeError } from '@trojanscope/core';

/** OWASP's setting for scrypt: N = 2^17, r = 8, p = 1; 128 MiB and about half a second for each password. */
const COST_LOG2 = 17;
const BLOCK_SIZE = 8;
const KEY_BYTES = 32;
const MOST_WAITING = 20;

export interface Passwords {
  /** @throws TrojanscopeError RATE_LIMITED where too many wait */
  hash(password: string): Promise<string>;
  /**
   * Takes as long without a stored hash as with one, so that nobody learns which names exist.
   * @throws TrojanscopeError RATE_LIMITED where too many wait
   */
  matches(password: string, stored: string | undefined): Promise<boolean>;
}

/** Passwords as `scrypt$<log2 N>$<salt>$<key>`: a later version may raise the cost and still read these. */
export function createPasswords(costLog2 = COST_LOG2): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** One at a time: each takes a core and 128 MiB from the work that this machine is for. */
  function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
    if (waiting >= MOST_WAITING) {
      throw new TrojanscopeError('RATE_LIMITED', 'Too many sign-ins at once. Try again in a minute.');
    }
    waiting++;
    const key = last.then(() => deriveKey(password, salt, cost));
    last = key.then(
      () => waiting--,
      () => waiting--,
    );
    return key;
  }

  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await derive(password, salt, costLog2);
      return ['scrypt', costLog2, salt.toString('base64url'), key.toString('base64url')].join('$');
    },
    async matches(password, stored) {
      const [, cost, salt, key] = stored?.split('$') ?? [];
      const derived = await derive(
        password,
        salt ? Buffer.from(salt, 'base64url') : randomBytes(16),
        cost ? Number(cost) : costLog2,
      );
      return key !== undefined && timingSafeEqual(derived, Buffer.from(key, 'base64url'));
    },
  };
}

function deriveKey(password: string, salt: Buffer, costLog2: number): Promise<Buffer> {
  const N = 2 ** costLog2;
  // Node's own limit is 32 MiB.
  const options: ScryptOptions = { N, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * N * BLOCK_SIZE };
  return new Promise((resolve, reject) => {
    // The same letters may come composed or not, by keyboard.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
