import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

/**
 * Writes beside each file that browsers keep for good its Brotli and gzip forms, which the server sends. Not of those that
 * name the base path: the server puts its own in, and compresses what comes of it.
 */
const folder = path.join(import.meta.dirname, 'out/_next/static');
const PLACEHOLDER = '/__base_path__';
const LEAST_BYTES = 1024;
const forms = { br: promisify(brotliCompress), gz: promisify(gzip) };

const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(js|css|svg|json)$/.test(name));
const work = files.flatMap((name) => {
  const content = readFileSync(path.join(folder, name));
  if (content.length < LEAST_BYTES || content.includes(PLACEHOLDER)) return [];
  return Object.entries(forms).map(async ([form, compress]) => {
    const packed = await compress(content);
    if (packed.length < content.length) writeFileSync(path.join(folder, `${name}.${form}`), packed);
  });
});
await Promise.all(work);
