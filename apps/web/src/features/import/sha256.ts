import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Read at a time, so that the page stays awake. */
const PIECE = 2 ** 22;

/**
 * SHA-256 of a file, read piece by piece. The browser's own takes a file as a whole, which may be a gigabyte, and is not
 * there on pages that came over plain HTTP.
 * @param onProgress share that is read, 0..1
 * @returns 64 hexadecimal digits
 */
export async function sha256Of(file: Blob, onProgress: (share: number) => void): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    onProgress(Math.min(1, (at + PIECE) / file.size));
  }
  return bytesToHex(hash.digest());
}
