/** Of an image whose header promises more pixels than anybody may decode here. */
export const tooLarge = (width: number, height: number, maxPixels: number) =>
  new Error(`expected at most ${maxPixels} pixels, its header says ${width}×${height}`);
