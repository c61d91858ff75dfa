import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { TrojanscopeError } from '@trojanscope/core';
import yauzl from 'yauzl';
import { crc32 } from './crc32.js';
import { count, damaged, isLitter, MAX_FILE_BYTES, type SourceFile } from './sourceFile.js';

/** GTSRB's training archive has 39,339 entries; a directory of millions would fill the memory. */
const MAX_ENTRIES = 50_000;
/** Of all entries unpacked; GTSRB's training archive has about 0.3 GB. */
const MAX_TOTAL_BYTES = 4 * 2 ** 30;

export interface Archive {
  /** In the order of the archive's directory; folders are left out. */
  files: SourceFile[];
  close(): Promise<void>;
}

/**
 * Reads an archive's directory. Entries are unpacked in memory, one at a time, when they are asked for; nothing is
 * written anywhere.
 * @throws TrojanscopeError DATA_DAMAGED for what is no archive, or no honest one, naming the entry
 */
export async function openZip(file: string): Promise<Archive> {
  const archive = path.basename(file);
  const handle = await open(file, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    throw damaged(file, `it cannot be read (${error.code}).`);
  });
  try {
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false });
    if (zip.entryCount > MAX_ENTRIES)
      throw damaged(archive, `expected at most ${count(MAX_ENTRIES)} entries, got ${count(zip.entryCount)}.`);
    const files = await readDirectory(archive, zip, handle);
    // Not zip.close(), which would close the file behind its handle's back.
    return { files, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    if (error instanceof TrojanscopeError) throw error;
    throw damaged(archive, `this is no whole zip archive (${(error as Error).message}). Download it again.`);
  }
}

async function readDirectory(archive: string, zip: yauzl.ZipFile, handle: FileHandle): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const names = new Set<string>();
  let total = 0;
  // yauzl itself refuses absolute names, those with "..", and stored entries of two sizes.
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    const where = `${archive}: ${name}`;
    // Compared without case: on some file systems these would be one file.
    if (names.has(name.toLowerCase())) throw damaged(where, 'the archive has this entry twice.');
    names.add(name.toLowerCase());
    if (isLink(entry)) throw damaged(where, 'expected only files and folders, got a link or a device.');
    if (name.endsWith('/') || isLitter(name)) continue;
    if (entry.isEncrypted()) throw damaged(where, 'it is encrypted; expected an archive without a password.');
    if (!entry.canDecodeFileData())
      throw damaged(
        where,
        `expected it stored or deflated, got compression method ${entry.compressionMethod}.`,
      );
    const bytes = Math.max(entry.uncompressedSize, entry.compressedSize);
    if (bytes > MAX_FILE_BYTES)
      throw damaged(
        where,
        `expected at most ${count(MAX_FILE_BYTES)} bytes, its header says ${count(bytes)}.`,
      );
    total += entry.uncompressedSize;
    if (total > MAX_TOTAL_BYTES)
      throw damaged(
        archive,
        `expected at most ${count(MAX_TOTAL_BYTES)} bytes unpacked, its headers say more.`,
      );
    files.push({ name, where, read: () => readEntry(where, zip, handle, entry) });
  }
  return files;
}

/** Made on Unix, an entry has the file's mode in its upper half: anything but a file (010) or a folder (004)? */
function isLink({ versionMadeBy, externalFileAttributes }: yauzl.Entry): boolean {
  const kind = (externalFileAttributes >>> 28) & 0o17;
  return versionMadeBy >>> 8 === 3 && ![0, 0o10, 0o04].includes(kind);
}

/**
 * In one go instead of through yauzl's stream, which takes five times as long for an image of a few kilobytes. No more
 * is ever unpacked than the directory said.
 */
async function readEntry(
  where: string,
  zip: yauzl.ZipFile,
  handle: FileHandle,
  entry: yauzl.Entry,
): Promise<Buffer> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  let content: Buffer;
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const packed = Buffer.allocUnsafe(compressedSize);
    const { bytesRead } = await handle.read(packed, 0, compressedSize, fileDataStart);
    if (bytesRead !== compressedSize) throw new Error('the archive ends inside it');
    content =
      compressionMethod === 0
        ? packed
        : inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
  } catch (error) {
    const lies = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const why = lies ? 'more comes out than its header says' : (error as Error).message;
    throw damaged(where, `it cannot be unpacked (${why}). Download the archive again.`);
  }
  if (content.length !== uncompressedSize)
    throw damaged(
      where,
      `its header says ${count(uncompressedSize)} bytes, ${count(content.length)} come out.`,
    );
  if (crc32(content) !== entry.crc32)
    throw damaged(where, 'its checksum is not the one in the archive. Download the archive again.');
  return content;
}
