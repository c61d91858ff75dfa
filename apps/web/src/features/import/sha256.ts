/**
 * SHA-256 of something that comes in pieces. The browser's own takes a file as a whole, which may be a gigabyte, and is not
 * there on pages that came over plain HTTP.
 */
export function createSha256() {
  const state = new Uint32Array(INITIAL);
  const block = new Uint8Array(64);
  const words = new Uint32Array(64);
  let filled = 0;
  let bytes = 0;

  function compress(from: Uint8Array, at: number): void {
    for (let i = 0; i < 16; i++, at += 4)
      words[i] = (from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!;
    for (let i = 16; i < 64; i++) {
      const [w15, w2] = [words[i - 15]!, words[i - 2]!];
      const s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
      const s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
      words[i] = words[i - 16]! + s0 + words[i - 7]! + s1;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as number[] as Eight;
    for (let i = 0; i < 64; i++) {
      const S1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const t1 = (h + S1 + ((e & f) ^ (~e & g)) + ROUND[i]! + words[i]!) | 0;
      const S0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i]! += value;
  }

  function update(piece: Uint8Array): void {
    bytes += piece.length;
    let at = 0;
    if (filled > 0) {
      at = Math.min(64 - filled, piece.length);
      block.set(piece.subarray(0, at), filled);
      filled += at;
      if (filled < 64) return;
      compress(block, 0);
    }
    for (; at + 64 <= piece.length; at += 64) compress(piece, at);
    block.set(piece.subarray(at));
    filled = piece.length - at;
  }

  return {
    update,
    /** Ends it. @returns 64 hexadecimal digits */
    hex(): string {
      const bits = bytes * 8;
      const end = new Uint8Array((filled < 56 ? 64 : 128) - filled);
      end[0] = 0x80;
      const length = new DataView(end.buffer);
      length.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
      length.setUint32(end.length - 4, bits >>> 0);
      update(end);
      return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
    },
  };
}

type Eight = [number, number, number, number, number, number, number, number];
const rotated = (word: number, by: number) => (word >>> by) | (word << (32 - by));

const isPrime = (n: number) => {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
};
const primes = Array.from({ length: 310 }, (_, i) => i + 2).filter(isPrime);
/** The first 32 bits behind the point. */
const fraction = (x: number) => Math.floor((x - Math.floor(x)) * 2 ** 32);
const INITIAL = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = Uint32Array.from(primes.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));

/** Read at a time, so that the page stays awake. */
const PIECE = 2 ** 22;

/** @param onProgress share that is read, 0..1 */
export async function sha256Of(file: Blob, onProgress: (share: number) => void): Promise<string> {
  const hash = createSha256();
  for (let at = 0; at < file.size; at += PIECE) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    onProgress(Math.min(1, (at + PIECE) / file.size));
  }
  return hash.hex();
}
