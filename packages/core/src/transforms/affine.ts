/**
 * Pillow's NEAREST sampling, to the pixel. Pillow takes the source pixel under the centre of the output pixel, and does
 * so with two arithmetics: doubles accumulated step by step where an axis is only scaled, 16.16 fixed point where the
 * axes mix. Both are repeated here, because a sum that rounds the other way picks another pixel.
 */

/** For each output position 0..outputSize-1 of a resize: the source position 0..inputSize-1. */
export function nearestPositions(inputSize: number, outputSize: number): Int32Array {
  const positions = new Int32Array(outputSize);
  const step = inputSize / outputSize;
  let at = step * 0.5;
  for (let i = 0; i < outputSize; i++) {
    positions[i] = Math.min(Math.floor(at), inputSize - 1);
    at += step;
  }
  return positions;
}

/**
 * The source of an output pixel under a rotation by `angleDeg`, counter-clockwise as seen, about (centreX, centreY);
 * pixel edges are whole numbers, so a canvas of width w has its centre at w/2.
 */
export function rotationSampler(angleDeg: number, centreX: number, centreY: number) {
  const turn = angleDeg % 360;
  const radians = -(turn < 0 ? turn + 360 : turn) * (Math.PI / 180);
  const cos = roundTo15(Math.cos(radians));
  const sin = roundTo15(Math.sin(radians));
  const offsetX = cos * -centreX + sin * -centreY + centreX;
  const offsetY = -sin * -centreX + cos * -centreY + centreY;
  if (sin === 0) {
    // Only scaled (by 1 or -1): no fixed point.
    return (y: number, x: number): [number, number] => [
      Math.floor(cos * (y + 0.5) + offsetY),
      Math.floor(cos * (x + 0.5) + offsetX),
    ];
  }
  const a = fixed(cos);
  const b = fixed(sin);
  const startX = fixed(offsetX + cos * 0.5 + sin * 0.5);
  const startY = fixed(offsetY - sin * 0.5 + cos * 0.5);
  const minusB = fixed(-sin);
  return (y: number, x: number): [number, number] => [
    Math.floor((startY + x * minusB + y * a) / 65536),
    Math.floor((startX + x * a + y * b) / 65536),
  ];
}

/** Rounds halves to the even neighbour, as Python's `round` does, which Pillow users size their images with. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const fixed = (value: number) => Math.floor(value * 65536 + 0.5);
const roundTo15 = (value: number) => Number(value.toFixed(15));
