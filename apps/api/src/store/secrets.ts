import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits behind a prefix that tells people, and scanners for leaked secrets, what it is. */
export const newSecret = (prefix: string) => prefix + randomBytes(32).toString('base64url');

/** Plain SHA-256 is enough for a secret that nobody could guess; passwords need more. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/** Compares two hashes of `hashOf` in constant time. */
export const sameHash = (a: string, b: string) =>
  timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
