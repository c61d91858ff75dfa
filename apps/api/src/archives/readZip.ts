import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { TrojanscopeError } from '@trojanscope/core';
import yauzl from 'yauzl';
import { crc32 } from './crc32.js';
import { count, damaged, type SourceFile } from './sourceFile.js';

export interface ZipLimits {
  maxEntries: number;
  /** Of one file, packed or unpacked. */
  maxFileBytes: number;
  /** Of all files unpacked. */
  maxTotalBytes: number;
  /** Whether an entry, by its name, is wanted; folders end in a slash. May throw. */
  wants: (name: string, where: string) => boolean;
}

export interface ZipEntry extends SourceFile {
  /** Unpacked. */
  bytes: number;
}

export interface Archive {
  /** In the order of the archive's directory. */
  files: ZipEntry[];
  close(): Promise<void>;
}

/**
 * Reads an archive's directory. Entries are unpacked in memory, one at a time, when they are asked for, never to more
 * than the directory says; nothing is written anywhere, so no name can lead out of anywhere.
 * @throws TrojanscopeError DATA_MISSING for what cannot be read, DATA_DAMAGED for what is no archive, or no honest one,
 * naming the entry
 */
export async function readZip(file: string, limits: ZipLimits): Promise<Archive> {
  const archive = path.basename(file);
  // O_NONBLOCK: a pipe that nobody writes into is refused and not waited for.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      throw new TrojanscopeError('DATA_MISSING', `${file} cannot be read (${error.code}).`);
    },
  );
  try {
    if (!(await handle.stat()).isFile()) throw damaged(archive, 'expected a zip archive, got no plain file.');
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false });
    if (zip.entryCount > limits.maxEntries)
      throw damaged(
        archive,
        `expected at most ${count(limits.maxEntries)} entries, got ${count(zip.entryCount)}.`,
      );
    const files = await readDirectory(archive, zip, handle, limits);
    // Not zip.close(), which would close the file behind its handle's back.
    return { files, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    if (error instanceof TrojanscopeError) throw error;
    throw damaged(archive, `this is no whole zip archive (${printable((error as Error).message)}).`);
  }
}

async function readDirectory(
  archive: string,
  zip: yauzl.ZipFile,
  handle: FileHandle,
  { maxFileBytes, maxTotalBytes, wants }: ZipLimits,
): Promise<ZipEntry[]> {
  const files: ZipEntry[] = [];
  const names = new Set<string>();
  let total = 0;
  // yauzl itself refuses absolute names, those with "..", and stored entries of two sizes.
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    const where = `${archive}/${printable(name)}`;
    // Compared without case: on some file systems these would be one file.
    if (names.has(name.toLowerCase())) throw damaged(where, 'the archive has it twice.');
    names.add(name.toLowerCase());
    if (isSpecial(entry)) throw damaged(where, 'expected a plain file, got a link or a device.');
    if (!wants(name, where)) continue;
    if (entry.isEncrypted()) throw damaged(where, 'expected an archive without a password.');
    if (!entry.canDecodeFileData())
      throw damaged(
        where,
        `expected it stored or deflated, got compression method ${entry.compressionMethod}.`,
      );
    const bytes = Math.max(entry.uncompressedSize, entry.compressedSize);
    if (bytes > maxFileBytes)
      throw damaged(where, `expected at most ${count(maxFileBytes)} bytes, its header says ${count(bytes)}.`);
    total += entry.uncompressedSize;
    if (total > maxTotalBytes)
      throw damaged(
        archive,
        `expected at most ${count(maxTotalBytes)} bytes unpacked, its headers say more.`,
      );
    const read = () => readEntry(where, zip, handle, entry);
    files.push({ name, where, bytes: entry.uncompressedSize, read });
  }
  return files;
}

/** Made on Unix, an entry has the file's mode in its upper half: anything but a file (010) or a folder (004)? */
function isSpecial({ versionMadeBy, externalFileAttributes }: yauzl.Entry): boolean {
  const kind = (externalFileAttributes >>> 28) & 0o17;
  return versionMadeBy >>> 8 === 3 && ![0, 0o10, 0o04].includes(kind);
}

/** In one go instead of through yauzl's stream, which takes five times as long for an image of a few kilobytes. */
async function readEntry(
  where: string,
  zip: yauzl.ZipFile,
  handle: FileHandle,
  entry: yauzl.Entry,
): Promise<Buffer> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  let content: Buffer;
  try {
    // Refuses what lies outside of the file.
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
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
    const lies = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const why = lies ? 'more comes out than its header says' : (error as Error).message;
    throw damaged(where, `it cannot be unpacked (${why}). Get the archive again.`);
  }
  if (content.length !== uncompressedSize)
    throw damaged(
      where,
      `its header says ${count(uncompressedSize)} bytes, ${count(content.length)} come out.`,
    );
  if (crc32(content) !== entry.crc32)
    throw damaged(where, 'its checksum is not the one in the archive. Get the archive again.');
  return content;
}

/** A name from an archive may hold anything, also what would move a terminal's cursor. */
function printable(text: string): string {
  const clean = text.replace(/\p{C}/gu, '?');
  return clean.length > 100 ? `${clean.slice(0, 100)}…` : clean;
}
