import type { StripFrame } from '@trojanscope/core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { drawStrip } from './strip.js';

it('draws each frame above its map, the trigger boxed where a score tells its place', async () => {
  const picture = await sharp({ create: { width: 24, height: 24, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();
  const frame = (score: unknown) => ({ image: picture, overlay: picture, score }) as StripFrame;
  const strip = await drawStrip([frame(null), frame({ box: { top: 20, left: 20, height: 4, width: 4 } })]);
  const { data, info } = await sharp(strip).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  // Tiles of 192 px, 8 px apart.
  expect([info.width, info.height]).toEqual([2 * 200 - 8, 2 * 200 - 8]);
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  expect(at(160, 176)).toEqual([128, 128, 128]);
  // The box's left edge: 200 + 20 · 192 / 24.
  expect(at(360, 176)).not.toEqual([128, 128, 128]);
  expect(at(376, 176)).toEqual([128, 128, 128]);
});
