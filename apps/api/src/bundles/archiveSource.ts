import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { BUNDLE_FILES, type BundleSource, TrojanscopeError } from '@trojanscope/core';
import yauzl from 'yauzl';
import { crc32 } from '../datasets/crc32.js';

/** A bundle has three files; some programs add an entry for the folder. */
const MAX_ENTRIES = 10;
/** Of one file, packed or unpacked: six ResNet-34. What a file has to hold is known, and checked, before it is read. */
const MAX_FILE_BYTES = 2 ** 29;

export interface OpenArchive extends BundleSource {
  close(): Promise<void>;
}

/**
 * A bundle as a zip archive: its three files, plain, at the top. They are unpacked in memory when they are asked for, never
 * to more than the archive's directory says; nothing is written anywhere, so no name can lead out of anywhere.
 * @throws TrojanscopeError DATA_MISSING; DATA_DAMAGED for what is no archive, or no honest one, naming the entry
 */
export async function openArchive(file: string): Promise<OpenArchive> {
  const name = path.basename(file);
  const damaged = (where: string, what: string) => new TrojanscopeError('DATA_DAMAGED', `${where}: ${what}.`);
  // O_NONBLOCK: a pipe that nobody writes into is refused and not waited for.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      throw new TrojanscopeError('DATA_MISSING', `${file} cannot be read (${error.code}).`);
    },
  );
  try {
    if (!(await handle.stat()).isFile()) throw damaged(name, 'expected a zip archive, got no plain file');
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true });
    if (zip.entryCount > MAX_ENTRIES)
      throw damaged(name, `expected ${BUNDLE_FILES.join(', ')}, got ${zip.entryCount} entries`);
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry;
      const shown = printable(fileName);
      const where = `${name}/${shown}`;
      if (!(BUNDLE_FILES as readonly string[]).includes(fileName)) {
        const inside = BUNDLE_FILES.some((known) => fileName.endsWith(`/${known}`)) || fileName.endsWith('/');
        const hint = inside ? ', at the top of the archive and in no folder' : '';
        throw damaged(where, `expected only ${BUNDLE_FILES.join(', ')}${hint}`);
      }
      if (entries.has(fileName)) throw damaged(where, 'the archive has it twice');
      if (!isPlainFile(entry))
        throw damaged(where, 'expected a plain file, got a link, a folder or a device');
      if (entry.isEncrypted()) throw damaged(where, 'expected an archive without a password');
      if (![0, 8].includes(entry.compressionMethod))
        throw damaged(
          where,
          `expected it stored or deflated, got compression method ${entry.compressionMethod}`,
        );
      const bytes = Math.max(entry.uncompressedSize, entry.compressedSize);
      if (bytes > MAX_FILE_BYTES)
        throw damaged(where, `expected at most ${MAX_FILE_BYTES} bytes, the archive says ${bytes}`);
      entries.set(fileName, entry);
    }
    return {
      name,
      sizes: new Map(Array.from(entries, ([file, { uncompressedSize }]) => [file, uncompressedSize])),
      read: async (wanted) => {
        const entry = entries.get(wanted);
        if (!entry) throw damaged(`${name}/${wanted}`, 'it is not there');
        const refuse = (what: string) => damaged(`${name}/${wanted}`, what);
        const { compressedSize, uncompressedSize, compressionMethod } = entry;
        let content: Buffer;
        try {
          const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
          const { size } = await handle.stat();
          if (fileDataStart + compressedSize > size) throw new Error('the archive ends inside it');
          const packed = Buffer.allocUnsafe(compressedSize);
          let at = 0;
          for (let more = 1; more > 0 && at < compressedSize; at += more) {
            ({ bytesRead: more } = await handle.read(packed, at, compressedSize - at, fileDataStart + at));
          }
          if (at !== compressedSize) throw new Error('the archive ends inside it');
          content =
            compressionMethod === 0
              ? packed
              : inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
        } catch (error) {
          const bomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
          throw refuse(
            bomb
              ? `expected ${uncompressedSize} bytes as the archive says, more come out`
              : `it cannot be unpacked (${(error as Error).message})`,
          );
        }
        if (content.length !== uncompressedSize)
          throw refuse(`expected ${uncompressedSize} bytes as the archive says, ${content.length} come out`);
        if (crc32(content) !== entry.crc32) throw refuse('its checksum is not the one in the archive');
        return content;
      },
      // Not zip.close(), which would close the file behind its handle's back.
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    if (error instanceof TrojanscopeError) throw error;
    throw damaged(name, `this is no whole zip archive (${printable((error as Error).message)})`);
  }
}

/** Made on Unix, an entry has its file's mode in the upper half of its attributes: none, or that of a plain file (010)? */
function isPlainFile({ versionMadeBy, externalFileAttributes }: yauzl.Entry): boolean {
  const kind = (externalFileAttributes >>> 28) & 0o17;
  return versionMadeBy >>> 8 !== 3 || kind === 0 || kind === 0o10;
}

/** A name from an archive may hold anything, also what would move a terminal's cursor. */
const printable = (text: string) => {
  const clean = text.replace(/\p{C}/gu, '?');
  return clean.length > 100 ? `${clean.slice(0, 100)}…` : clean;
};
