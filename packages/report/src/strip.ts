import type { StripFrame } from '@trojanscope/core';
import sharp from 'sharp';

const TILE_PX = 192;
const GAP_PX = 8;

/** A PNG of a strip: the images above, their maps over them below, the visible trigger boxed. */
export async function drawStrip(frames: readonly StripFrame[]): Promise<Buffer> {
  const place = (column: number, row: number) => ({
    left: column * (TILE_PX + GAP_PX),
    top: row * (TILE_PX + GAP_PX),
  });
  const tiles = await Promise.all(
    frames.flatMap(({ image, overlay, score }, column) =>
      [image, overlay].map(async (picture, row) => {
        const { height } = await sharp(picture).metadata();
        const large = sharp(picture).resize(TILE_PX, TILE_PX, { kernel: 'nearest' }).toColourspace('srgb');
        const box = score && Buffer.from(boxAround(score.box, TILE_PX / height));
        return {
          input: await (box ? large.composite([{ input: box }]) : large).png().toBuffer(),
          ...place(column, row),
        };
      }),
    ),
  );
  const { left: width, top: height } = place(frames.length, 2);
  const canvas = { width: width - GAP_PX, height: height - GAP_PX, channels: 3 as const, background: '#fff' };
  return sharp({ create: canvas }).composite(tiles).png().toBuffer();
}

/** A rectangle that shows on light and dark. */
function boxAround(box: { top: number; left: number; height: number; width: number }, scale: number): string {
  const rect = (stroke: string, width: number) =>
    `<rect x="${box.left * scale}" y="${box.top * scale}" width="${box.width * scale}" height="${box.height * scale}" fill="none" stroke="${stroke}" stroke-width="${width}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE_PX}" height="${TILE_PX}">${rect('#000', 4)}${rect('#0ff', 2)}</svg>`;
}
