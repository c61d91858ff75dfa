import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { crc32, TrojanscopeError } from '@trojanscope/core';

/** 1 January 1980, the earliest that the format knows: the same model makes the same archive. */
const DOS_DATE = 0x0021;
/** Larger files would need another variant of the format. */
const MAX_BYTES = 0xffffffff;

/**
 * Writes files of a folder into a zip archive, stored: weights hardly get smaller. It is there whole or not at all.
 * (yauzl reads only, and this is all of the format that it takes.)
 * @throws TrojanscopeError CONFLICT where the file is there and is not to be replaced
 */
export async function writeZip(
  file: string,
  folder: string,
  names: readonly string[],
  { replace = false } = {},
): Promise<number> {
  if (existsSync(file) && !replace) {
    throw new TrojanscopeError('CONFLICT', `${file} is there already. Add --replace to write it anew.`, [
      'to',
    ]);
  }
  const temporary = `${file}.${randomUUID().slice(0, 8)}.part`;
  const handle = await open(temporary, 'wx');
  let offset = 0;
  try {
    const write = async (...parts: Buffer[]) => {
      for (const part of parts) await handle.writeFile(part);
      offset += parts.reduce((sum, part) => sum + part.length, 0);
    };
    const directory: Buffer[] = [];
    for (const name of names) {
      const content = await readFile(path.join(folder, name));
      const encoded = Buffer.from(name);
      // Version, flags (UTF-8), method, time, date, CRC-32, both sizes, lengths of name and extra field: alike in both headers.
      const common = Buffer.alloc(26);
      common.writeUInt16LE(20, 0);
      common.writeUInt16LE(0x800, 2);
      common.writeUInt16LE(DOS_DATE, 8);
      common.writeUInt32LE(crc32(content), 10);
      common.writeUInt32LE(content.length, 14);
      common.writeUInt32LE(content.length, 18);
      common.writeUInt16LE(encoded.length, 22);
      // Comment, disk and internal attributes; a plain file's mode; where the file begins.
      const rest = Buffer.alloc(14);
      rest.writeUInt32LE(0o100644 * 0x10000, 6);
      rest.writeUInt32LE(offset, 10);
      // Made by version 3.0 on Unix.
      directory.push(Buffer.from('PK\x01\x02\x1e\x03', 'latin1'), common, rest, encoded);
      await write(Buffer.from('PK\x03\x04', 'latin1'), common, encoded, content);
      if (offset > MAX_BYTES)
        throw new TrojanscopeError('UNSUPPORTED', `An archive of ${offset} bytes is too large.`);
    }
    const central = Buffer.concat(directory);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(names.length, 8);
    end.writeUInt16LE(names.length, 10);
    end.writeUInt32LE(central.length, 12);
    end.writeUInt32LE(offset, 16);
    await write(central, end);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
    return offset;
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}
