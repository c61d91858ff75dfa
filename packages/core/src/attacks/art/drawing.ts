import sharp from 'sharp';

/** A picture that may be transparent, as a trigger needs it. */
export interface Drawing {
  /** [h·w·c] in [0,1]; of what is drawn here, c is 3. */
  pattern: Float32Array;
  /** [h·w] in [0,1]: 0 transparent, 1 opaque. */
  mask: Float32Array;
}

/**
 * Draws SVG elements that fill a square of 100×100, as large as fits, in the middle of a canvas. Lines and curves are
 * scaled before pixels are made of them, so that a picture of 28 px is as clean as a large one.
 */
export async function draw(elements: string, heightPx: number, widthPx: number): Promise<Drawing> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 100 100">${elements}</svg>`;
  const rgba = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
  const pixels = heightPx * widthPx;
  const pattern = new Float32Array(pixels * 3);
  const mask = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    mask[i] = rgba[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) pattern[3 * i + c] = rgba[4 * i + c]! / 255;
  }
  return { pattern, mask };
}

/** What a reflection has of a drawing: where that is transparent nothing, as where it is black. [h·w·c] in [0,1] */
export const beforeDarkness = ({ pattern, mask }: Drawing): Float32Array => {
  const channels = pattern.length / mask.length;
  return pattern.map((value, i) => value * mask[Math.floor(i / channels)]!);
};
