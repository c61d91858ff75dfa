import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSha256, sha256Of } from './sha256';

describe('SHA-256', () => {
  it('is that of FIPS 180-4', () => {
    const hash = createSha256();
    hash.update(new TextEncoder().encode('abc'));
    expect(hash.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('is Node’s, for every length around a block and however the bytes come', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256);
    for (let length = 0; length <= 200; length++) {
      const hash = createSha256();
      const cut = (length * 7) % (length + 1);
      hash.update(bytes.subarray(0, cut));
      hash.update(bytes.subarray(cut, length));
      expect(hash.hex()).toBe(createHash('sha256').update(bytes.subarray(0, length)).digest('hex'));
    }
  });

  it('of a file is told piece by piece', async () => {
    const bytes = new Uint8Array(2 ** 23 + 5).fill(7);
    const shares: number[] = [];
    const hex = await sha256Of(new Blob([bytes]), (share) => shares.push(share));
    expect(hex).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(shares).toEqual([2 ** 22 / bytes.length, 2 ** 23 / bytes.length, 1]);
  });
});
