import type { RateLimits } from '../rateLimits.js';

/** Guesses a minute from one address, and at one account from anywhere. */
const GUESSES = 5;
const WINDOW_SECONDS = 60;

export interface LoginLimits {
  /** Counts an attempt. @returns seconds to wait; 0 where it may go on */
  attempt(address: string, account: string): Promise<number>;
  /** Takes an attempt back that was no guess. */
  succeeded(address: string, account: string): Promise<void>;
}

export function createLoginLimits(limits: RateLimits): LoginLimits {
  const byAddress = limits('address', GUESSES, WINDOW_SECONDS);
  const byAccount = limits('account', GUESSES, WINDOW_SECONDS);
  return {
    async attempt(address, account) {
      let taken = await byAddress.take(address);
      if (!taken.isOver) taken = await byAccount.take(accountKey(account));
      return taken.isOver ? Math.max(1, Math.ceil(taken.resetMs / 1000)) : 0;
    },
    async succeeded(address, account) {
      await byAddress.giveBack(address);
      await byAccount.giveBack(accountKey(account));
    },
  };
}

/** No name is longer; a body full of letters is not kept. */
const accountKey = (name: string) => name.trim().toLowerCase().slice(0, 41);
