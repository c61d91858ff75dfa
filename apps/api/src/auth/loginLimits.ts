import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Guesses a minute from one address, and at one account from anywhere. */
const GUESSES = 5;
const WINDOW_SECONDS = 60;

export interface LoginLimits {
  /** Counts an attempt. @returns seconds to wait; 0 where it may go on */
  attempt(address: string, account: string): Promise<number>;
  /** Takes an attempt back that was no guess. */
  succeeded(address: string, account: string): Promise<void>;
}

/** In memory: a restart forgets, and an attacker cannot make it restart. */
export function createLoginLimits(): LoginLimits {
  const options = { points: GUESSES, duration: WINDOW_SECONDS };
  const byAddress = new RateLimiterMemory({ ...options, keyPrefix: 'address' });
  const byAccount = new RateLimiterMemory({ ...options, keyPrefix: 'account' });
  return {
    async attempt(address, account) {
      try {
        await byAddress.consume(address);
        await byAccount.consume(accountKey(account));
        return 0;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
    },
    async succeeded(address, account) {
      await byAddress.reward(address);
      await byAccount.reward(accountKey(account));
    },
  };
}

/** No name is longer; a body full of letters is not kept. */
const accountKey = (name: string) => name.trim().toLowerCase().slice(0, 41);
