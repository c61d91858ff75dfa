import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Of } from './sha256';

describe('SHA-256', () => {
  it('is that of FIPS 180-4, of nothing too', async () => {
    expect(await sha256Of(new Blob(['abc']), () => {})).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(await sha256Of(new Blob([]), () => {})).toBe(createHash('sha256').digest('hex'));
  });

  it('of a file is told piece by piece', async () => {
    const bytes = new Uint8Array(2 ** 23 + 5).fill(7);
    const shares: number[] = [];
    const hex = await sha256Of(new Blob([bytes]), (share) => shares.push(share));
    expect(hex).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(shares).toEqual([2 ** 22 / bytes.length, 2 ** 23 / bytes.length, 1]);
  });
});
