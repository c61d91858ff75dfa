/**
 * ITU-R BT.601 luma in parts of 65,536, to the bit as Pillow's `convert('L')` and so torchvision's `Grayscale` have it:
 * red is 76, green 150, blue 29, and grey stays what it is.
 */
const [RED, GREEN, BLUE] = [19_595, 38_470, 7_471];

/**
 * Grey of colour, the one place where images become so.
 * @param rgb 8-bit [n·3]
 * @returns 8-bit [n]
 */
export function toGrey(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++)
    grey[i] = (RED * rgb[3 * i]! + GREEN * rgb[3 * i + 1]! + BLUE * rgb[3 * i + 2]! + 0x8000) >> 16;
  return grey;
}

/**
 * The one place where a coloured picture is fitted to a data set's channels: grey data sets get its luma.
 * @param rgb [n·3] in [0,1]
 * @param channels 1 or 3
 * @returns [n·channels] in [0,1], not rounded to levels
 */
export function fitChannels(rgb: Float32Array, channels: number): Float32Array {
  if (channels === 3) return rgb;
  if (channels !== 1) throw new RangeError(`Pictures fit 1 or 3 channels; got ${channels}.`);
  return Float32Array.from({ length: rgb.length / 3 }, (_, i) => {
    return (RED * rgb[3 * i]! + GREEN * rgb[3 * i + 1]! + BLUE * rgb[3 * i + 2]!) / 65_536;
  });
}
