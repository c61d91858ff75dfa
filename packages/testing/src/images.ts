import { deflateSync } from 'node:zlib';
import { checksum } from './checksum.js';

/** Files that Pillow 13 has written, and what they show by the numbers they were made of. */
const base64 = {
  /** 2×1: (255,0,0), (0,128,7) */
  rgb: 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR42mP4z8DA0MAOAAcIAYeL7OBmAAAAAElFTkSuQmCC',
  /** 3×1: (255,0,0) opaque, (10,20,30) transparent, black by 51/255 */
  rgba: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAYAAAAb4BS0AAAAFUlEQVR42mP4z8Dwn0tEjoGBgcEYABa7Am7LVQTiAAAAAElFTkSuQmCC',
  /** 3×1 of 8 bits: 0, 100, 255 */
  grey: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAAAAAA+i0toAAAADElEQVR42mNgSPkPAAHLAWRv8wGuAAAAAElFTkSuQmCC',
  /** 3×1 of 16 bits: 0, 100·257, 65,535 */
  grey16: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAABEAAAAABuG5crAAAAD0lEQVR42mNgYEhJ+f8fAAXAAsekQsUzAAAAAElFTkSuQmCC',
  /** 2×1: (1,2,3), (200,100,50) */
  palette:
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAQMAAADO7O3JAAAABlBMVEUBAgPIZDJQtK4/AAAACklEQVR42mNwAAAAQgBBhL+OYgAAAABJRU5ErkJggg==',
  /** JPEG, 16×8, left half white, right half black; EXIF says to turn it to the right: 8×16, above white, below black */
  turned:
    '/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAkK/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABQBAQAAAAAAAAAAAAAAAAAAAAD/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwC/jAGAP//Z',
  /** 3×2: (10,200,30) */
  webp: 'UklGRh4AAABXRUJQVlA4TBEAAAAvAkAAAAdQ5CrUo/+BiOh/AAA=',
  /** WebP of two pictures, 4×4, the first red */
  animated:
    'UklGRoQAAABXRUJQVlA4WAoAAAACAAAAAwAAAwAAQU5JTQYAAAAAAAAAAABBTk1GKAAAAAAAAAAAAAMAAAMAAAAAAAJWUDhMDwAAAC8DwAAABxD9j/4HIqL/AQBBTk1GKAAAAAAAAAAAAAMAAAMAAAAAAABWUDhMDwAAAC8DwAAABxDR//4HIqL/AQA=',
};
export const images = Object.fromEntries(
  Object.entries(base64).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
) as Record<keyof typeof base64, Buffer>;

/**
 * A PNG of whole red, green and blue bytes, whose header may claim another size.
 * @param samples of the rows that are really there
 */
export function png(width: number, height: number, samples: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += width * 3)
    rows.push(Buffer.of(0), samples.subarray(at, at + width * 3));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(content.length, 0);
  numbers.writeUInt32BE(checksum(body), 4);
  return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
}
