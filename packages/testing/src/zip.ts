import { deflateRawSync } from 'node:zlib';
import { checksum } from './checksum.js';

export interface Entry {
  /** Bytes do not say how they are encoded. */
  name: string | Uint8Array;
  /** Info-ZIP's field for a name in UTF-8. */
  unicodePath?: string;
  content?: Uint8Array | string;
  stored?: boolean;
  mode?: number;
  /** What the headers say instead of the truth. */
  lies?: { crc?: number; size?: number; packedSize?: number; method?: number; flags?: number };
}

/** A zip archive, honest or not. */
export function zipOf(entries: readonly Entry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, unicodePath, content = '', stored = false, mode = 0o100644, lies = {} } of entries) {
    const bytes = Buffer.from(content);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const path = Buffer.from(name);
    const extra = unicodePath === undefined ? Buffer.alloc(0) : unicodePathField(path, unicodePath);
    // Version, flags, method, time, date, CRC-32, both sizes, lengths of name and extra field: alike in both headers.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE((typeof name === 'string' ? 0x800 : 0) | (lies.flags ?? 0), 2);
    common.writeUInt16LE(lies.method ?? (stored ? 0 : 8), 4);
    common.writeUInt32LE(lies.crc ?? checksum(bytes), 10);
    common.writeUInt32LE(lies.packedSize ?? packed.length, 14);
    common.writeUInt32LE(lies.size ?? bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    common.writeUInt16LE(extra.length, 24);
    files.push(Buffer.from('PK\x03\x04'), common, path, extra, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(mode * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    // Version made by: 3.0 on Unix.
    directory.push(Buffer.from('PK\x01\x02\x1e\x03', 'latin1'), common, rest, path, extra);
    offset += 30 + path.length + extra.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}

/** Its length and id, version 1, the CRC-32 of the other name, the name. */
function unicodePathField(path: Uint8Array, name: string): Buffer {
  const text = Buffer.from(name);
  const head = Buffer.alloc(9);
  head.writeUInt16LE(0x7075, 0);
  head.writeUInt16LE(5 + text.length, 2);
  head.writeUInt8(1, 4);
  head.writeUInt32LE(checksum(path), 5);
  return Buffer.concat([head, text]);
}
