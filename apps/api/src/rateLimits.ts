import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** So many points for each key, in windows of time that begin with the key's first point. */
export interface RateLimit {
  /** Counts points of a key, whether it has as many left or not. */
  take(key: string, points?: number): Promise<Taken>;
  /** Gives one point back. */
  giveBack(key: string): Promise<void>;
}

export interface Taken {
  /** More were taken than there are. */
  isOver: boolean;
  left: number;
  /** Until the key has all its points again. */
  resetMs: number;
}

/** Makes a limit. What is counted under one name, other limits do not see. */
export type RateLimits = (name: string, points: number, seconds: number) => RateLimit;

/** In memory: a restart forgets, and an attacker cannot make it restart. */
export const createMemoryLimits = (): RateLimits => (keyPrefix, points, duration) => {
  const limiter = new RateLimiterMemory({ keyPrefix, points, duration });
  return {
    async take(key, taken = 1) {
      const state = await limiter.consume(key, taken).catch((refusal) => {
        if (refusal instanceof RateLimiterRes) return refusal;
        throw refusal;
      });
      const { consumedPoints, remainingPoints, msBeforeNext } = state;
      return { isOver: consumedPoints > points, left: remainingPoints, resetMs: msBeforeNext };
    },
    async giveBack(key) {
      await limiter.reward(key);
    },
  };
};
