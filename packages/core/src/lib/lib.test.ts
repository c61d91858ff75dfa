import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { integer, parseParameters } from './params.js';
import { createRandom } from './random.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

describe('random', () => {
  it('gives the same numbers for the same seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).float);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
  it('forks do not depend on what was drawn before', () => {
    const [used, fresh] = [createRandom(1), createRandom(1)];
    used.float();
    expect(used.fork('poison').float()).toBe(fresh.fork('poison').float());
    expect(fresh.fork('poison').float()).not.toBe(fresh.fork('samples').float());
  });
  it('samples without replacement, and all there are at most', () => {
    expect([...createRandom(1).sample([3, 1, 4, 5, 9], 99)].sort()).toEqual([1, 3, 4, 5, 9]);
    expect(new Set(createRandom(1).permutation(1000)).size).toBe(1000);
  });
});

describe('parameters', () => {
  const schema = z.strictObject({ size: integer(1, 9, 5, 'px', 'A size.') });
  it('fill in defaults and name the field at fault with what came', () => {
    expect(parseParameters(schema, {})).toEqual({ size: 5 });
    for (const [input, text] of [
      [{ size: 10 }, 'got 10'],
      [{ size: 1.5 }, 'got 1.5'],
      [{ size: 'x' }, 'got "x"'],
    ] as const) {
      expect(() => parseParameters(schema, input, ['attack', 'badnets'])).toThrow(
        expect.objectContaining({
          code: 'BAD_USER_INPUT',
          field: ['attack', 'badnets', 'size'],
          message: expect.stringContaining(text),
        }),
      );
    }
    expect(() => parseParameters(schema, { colour: 1 })).toThrow(/colour/);
  });
});

describe('safetensors', () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'trojanscope-')), 'a.safetensors');
  const arrays = {
    'a/kernel': { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 5, 6) },
    b: { shape: [], values: Float32Array.of(7) },
  };
  it('come back as they were', async () => {
    await writeSafetensors(file, arrays);
    expect(await readSafetensors(file)).toEqual(arrays);
    const bytes = readFileSync(file);
    // The format: the header's length in 8 bytes, the header, 7 floats.
    const header = Number(bytes.readBigUInt64LE());
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + header)).b).toEqual({
      dtype: 'F32',
      shape: [],
      data_offsets: [24, 28],
    });
    expect(bytes).toHaveLength(8 + header + 28);
  });
  it('are refused where shapes, offsets and length do not agree', async () => {
    const damage = (header: object | string, data = 24) => {
      const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(data)]));
      return expect(readSafetensors(file)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    };
    await damage({ a: { dtype: 'F32', shape: [7], data_offsets: [0, 24] } });
    await damage({ a: { dtype: 'F32', shape: [6], data_offsets: [4, 28] } });
    await damage({ a: { dtype: 'F32', shape: [6], data_offsets: [-24, 0] } });
    await damage({ a: { dtype: 'I64', shape: [3], data_offsets: [0, 24] } });
    await damage('not json');
    writeFileSync(file, Buffer.alloc(3));
    await expect(readSafetensors(file)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });
});
