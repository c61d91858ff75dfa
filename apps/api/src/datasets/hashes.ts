import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** MD5 because it is what GTSRB's archives are known by; SHA-256 is what we record. */
export async function hashFile(file: string): Promise<{ bytes: number; md5: string; sha256: string }> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    md5.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

export interface ListHash {
  add(name: string, content: Uint8Array): void;
  digest(): { bytes: number; sha256: string };
}

/** One hash for many files: SHA-256 of what `sha256sum` prints for them in the order of their names. */
export function listHash(): ListHash {
  const lines: [name: string, line: string][] = [];
  let bytes = 0;
  return {
    add(name, content) {
      bytes += content.length;
      lines.push([name, `${createHash('sha256').update(content).digest('hex')}  ${name}\n`]);
    },
    digest() {
      const all = createHash('sha256');
      lines.sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [, line] of lines) all.update(line);
      return { bytes, sha256: all.digest('hex') };
    },
  };
}
