import type { ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';

/** Pictures of waves that are the fainter the shorter they are, as in photographs. @returns [n·h·w·c], 0..255 */
export function naturalImages(
  count: number,
  { height, width, channels }: ImageShape,
  random: Random,
): Uint8Array {
  const size = height * width * channels;
  const pixels = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const waves = Array.from({ length: 12 }, (_, k) => {
        const [frequency, angle] = [1 + k / 2, 2 * Math.PI * random.float()];
        return {
          across: (2 * Math.PI * frequency * Math.cos(angle)) / width,
          down: (2 * Math.PI * frequency * Math.sin(angle)) / height,
          phase: 2 * Math.PI * random.float(),
          height: 60 / frequency,
        };
      });
      const level = 64 + 128 * random.float();
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const sum = waves.reduce(
            (total, wave) => total + wave.height * Math.sin(wave.across * x + wave.down * y + wave.phase),
            level,
          );
          pixels[i * size + (y * width + x) * channels + c] = Math.min(255, Math.max(0, Math.round(sum)));
        }
      }
    }
  }
  return pixels;
}
