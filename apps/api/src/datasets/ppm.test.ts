import { TrojanscopeError } from '@trojanscope/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePpm } from './ppm.js';

const file = (header: string, ...samples: number[]) =>
  Buffer.concat([Buffer.from(header, 'latin1'), Buffer.from(samples)]);
const decoded = (bytes: Uint8Array) => {
  const { width, height, channels, pixels } = decodePpm(bytes, 'x.ppm');
  return { size: [width, height], channels, samples: [...pixels] };
};

test.each([
  ['comment', file('P6\n# made by hand\n2 1\n255\n', 1, 2, 3, 4, 5, 6), [2, 1], [1, 2, 3, 4, 5, 6]],
  ['any white space', file('P6\t2\r\n1 #x\n 255\n', 1, 2, 3, 4, 5, 6), [2, 1], [1, 2, 3, 4, 5, 6]],
  ['a first sample that looks like white space', file('P6 1 1 255\n', 10, 32, 35), [1, 1], [10, 32, 35]],
  // The samples below as Pillow 13 decodes them.
  ['largest sample 15', file('P6\n2 1\n15\n', 0, 1, 2, 7, 8, 15), [2, 1], [0, 17, 34, 119, 136, 255]],
  ['largest sample 2, half to even', file('P6 1 1 2 ', 0, 1, 2), [1, 1], [0, 128, 255]],
  ['largest sample 6, half to even', file('P6 1 2 6 ', 0, 1, 2, 3, 4, 5), [1, 2], [0, 42, 85, 128, 170, 212]],
  [
    'two bytes a sample',
    file('P6 2 1 65535 ', 0, 1, 0, 128, 0, 129, 128, 0, 255, 255, 1, 1),
    [2, 1],
    [0, 0, 1, 128, 255, 1],
  ],
  ['grey, three channels alike', file('P5\n2 1\n255\n', 7, 200), [2, 1], [7, 7, 7, 200, 200, 200]],
  ['grey of two bytes', file('P5 1 1 1000 ', 1, 244), [1, 1], [128, 128, 128]],
  ['text', file('P3\n# by hand\n2 1\n15\n0 1 2 # and\n7 8\n15'), [2, 1], [0, 17, 34, 119, 136, 255]],
  ['grey text', file('P2 1 2 255 3\n4\n'), [1, 2], [3, 3, 3, 4, 4, 4]],
  ['more behind its pixels', file('P6 1 1 255 ', 1, 2, 3, 10, 80, 54), [1, 1], [1, 2, 3]],
])('decodes: %s', (_, bytes, size, samples) => {
  expect(decoded(bytes)).toEqual({ size, channels: 3, samples });
});

test.each([
  ['nothing', file(''), /"P6"/],
  ['black and white', file('P4\n1 1\n', 1), /"P6"/],
  ['another format', file('P7\n'), /"P6"/],
  ['too few samples in text', file('P3\n1 1\n255\n1 2'), /3 samples for 1×1, there is not room/],
  ['letters for a sample', file('P3\n1 1\n255\n1 2 x'), /ends before the sample 3 of 3/],
  ['a sample of text larger than promised', file('P2 1 1 255 256'), /up to 255, one is 256/],
  ['no height', file('P6\n1'), /before the height/],
  ['letters', file('P6\na 1\n255\n', 1, 2, 3), /before the width/],
  ['a negative width', file('P6\n-1 1\n255\n', 1, 2, 3), /before the width/],
  ['numbers in one', file('P61 1 255\n', 1, 2, 3), /before the width/],
  ['endless digits', file(`P6\n${'9'.repeat(5_000)} 1\n255\n`), /before the height/],
  ['an endless comment', file(`P6\n#${'x'.repeat(5_000)}`), /before the width/],
  ['no pixels', file('P6\n0 5\n255\n'), /at least one pixel, got 0×5/],
  ['100,000 × 100,000', file('P6\n100000 100000\n255\n', 1, 2, 3), /says 100000×100000/],
  ['three bytes a sample', file('P6\n1 1\n65536\n', 0, 1, 0, 1, 0, 1), /up to 65,535/],
  ['half of two bytes a sample', file('P6\n1 1\n65535\n', 0, 1, 0), /expected 6 bytes .* got 3/],
  ['largest sample 0', file('P6\n1 1\n0\n', 0, 0, 0), /says 0/],
  ['no largest sample', file('P6\n1 1\n'), /before the largest/],
  ['nothing after the header', file('P6\n1 1\n255'), /white space/],
  ['too few pixels', file('P6\n2 2\n255\n', ...new Array(11).fill(7)), /expected 12 bytes .* got 11/],
  ['a sample larger than promised', file('P6\n1 1\n15\n', 0, 16, 0), /up to 15, one is 16/],
])('refuses, naming the file: %s', (_, bytes, says) => {
  const decode = () => decodePpm(bytes, 'archive.zip: x.ppm');
  expect(decode).toThrow(TrojanscopeError);
  expect(decode).toThrow(says);
  expect(decode).toThrow(/^archive\.zip: x\.ppm: /);
});

describe('for any image', () => {
  const blank = fc.stringMatching(/^([ \t\r\n]|#[a-z0-9 ]{0,9}\n){1,3}$/);
  const image = fc
    .record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      blanks: fc.tuple(blank, blank, blank),
    })
    .chain(({ width, height, blanks: [a, b, c] }) => {
      const size = width * height * 3;
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        header: fc.constant(`P6${a}${width}${b}${height}${c}255\n`),
        samples: fc.uint8Array({ minLength: size, maxLength: size }),
      });
    });

  test('what was written is read', () => {
    fc.assert(
      fc.property(image, ({ width, height, header, samples }) => {
        expect(decoded(file(header, ...samples))).toEqual({
          size: [width, height],
          channels: 3,
          samples: [...samples],
        });
      }),
    );
  });

  test('a part of it is refused', () => {
    fc.assert(
      fc.property(
        image,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ header, samples }, share) => {
          const whole = file(header, ...samples);
          expect(() => decodePpm(whole.subarray(0, Math.floor(whole.length * share)), 'x')).toThrow(
            TrojanscopeError,
          );
        },
      ),
    );
  });

  test('bytes of any kind are decoded or refused, never another error', () => {
    const bytes = fc.tuple(
      fc.constantFrom('', 'P6', 'P6\n1 1\n255\n', 'P6 2 1 3 ', 'P5 2 1 3 ', 'P3 1 1 9 1 ', 'P2 1 2 300 '),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(bytes, ([start, rest]) => {
        try {
          const { width, height, pixels } = decodePpm(file(start, ...rest), 'x');
          expect(pixels).toHaveLength(width * height * 3);
        } catch (error) {
          expect(error).toBeInstanceOf(TrojanscopeError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
