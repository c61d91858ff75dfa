/** ITU-R BT.601 luma, by which Pillow makes grey pictures, too. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

/**
 * The one place where a coloured picture is fitted to a data set's channels: grey data sets get its luminance.
 * @param rgb [n·3]
 * @param channels 1 or 3
 * @returns [n·channels] of the same range
 */
export function fitChannels(rgb: Float32Array, channels: number): Float32Array {
  if (channels === 3) return rgb;
  if (channels !== 1) throw new RangeError(`Pictures fit 1 or 3 channels; got ${channels}.`);
  return Float32Array.from({ length: rgb.length / 3 }, (_, i) => {
    return RED * rgb[3 * i]! + GREEN * rgb[3 * i + 1]! + BLUE * rgb[3 * i + 2]!;
  });
}
