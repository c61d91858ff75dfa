import { isAscii, isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { crc32, isLitter, normalName, TrojanscopeError } from '@trojanscope/core';
import yauzl from 'yauzl';
import { count, damaged, type SourceFile, several } from './sourceFile.js';

export interface ZipLimits {
  maxEntries: number;
  /** Of one file, packed or unpacked. */
  maxFileBytes: number;
  /** Of all files unpacked. */
  maxTotalBytes: number;
  /** Whether names that differ by case only are names of different files, as on Linux; else the archive is refused. */
  caseMatters?: boolean;
}

export interface ZipEntry extends SourceFile {
  /** Unpacked. */
  bytes: number;
}

export interface Archive {
  /** In the order of the archive's directory, without folders and litter. */
  files: ZipEntry[];
  /** Names of what file systems and tools left in it. */
  litter: string[];
  /** How names were read that do not say how they are encoded, in a sentence, where there are any. */
  encoding?: string;
  close(): Promise<void>;
}

/**
 * Reads an archive's directory. Entries are unpacked in memory, one at a time, when they are asked for, never to more
 * than the directory says; nothing is written anywhere, so no name can lead out of anywhere.
 * @throws TrojanscopeError DATA_MISSING for what cannot be read, DATA_DAMAGED for anything but a well-formed archive,
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
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false, decodeStrings: false });
    if (zip.entryCount > limits.maxEntries)
      throw damaged(
        archive,
        `expected at most ${count(limits.maxEntries)} entries, got ${count(zip.entryCount)}.`,
      );
    const directory = await readDirectory(archive, zip, handle, limits);
    // Not zip.close(), which would close the file behind its handle's back.
    return { ...directory, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    if (error instanceof TrojanscopeError) throw error;
    throw damaged(archive, `this is not a complete zip archive (${printable((error as Error).message)}).`);
  }
}

async function readDirectory(
  archive: string,
  zip: yauzl.ZipFile,
  handle: FileHandle,
  { maxFileBytes, maxTotalBytes, caseMatters = false }: ZipLimits,
): Promise<Omit<Archive, 'close'>> {
  const files: ZipEntry[] = [];
  const litter: string[] = [];
  const assumed = { 'UTF-8': [] as string[], CP437: [] as string[] };
  const names = new Set<string>();
  let total = 0;
  // yauzl itself refuses stored entries of two sizes.
  for await (const entry of zip.eachEntry()) {
    const { name, encoding } = nameOf(entry);
    if (encoding) assumed[encoding].push(name);
    const where = `${archive}/${printable(name)}`;
    // Compared without case: on some file systems these would be one file.
    const key = caseMatters ? name : name.toLowerCase();
    if (names.has(key)) throw damaged(where, 'the archive has it twice.');
    names.add(key);
    if (isLitter(name)) {
      if (!name.endsWith('/')) litter.push(name);
      continue;
    }
    if (isSpecial(entry)) throw damaged(where, 'expected a plain file, got a link or a device.');
    if (name.endsWith('/')) continue;
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
  const says = Object.entries(assumed).filter(([, names]) => names.length > 0);
  const encoding = says.map(
    ([encoding, names]) => `${count(names.length)} as ${encoding} (${several(names.map(printable), 2)})`,
  );
  return {
    files,
    litter,
    ...(says.length > 0 && {
      encoding: `The archive does not say how names beyond ASCII are encoded; they were read so: ${encoding.join('; ')}.`,
    }),
  };
}

/**
 * A name as the Info-ZIP field for it says, or else in UTF-8 where its bytes are some, or else in CP437, as the format
 * has it; many programs write UTF-8 without saying so. Backslashes become slashes.
 * @returns the name in one normal form, and the encoding where it was assumed
 * @throws Error for absolute names and those with ".."
 */
function nameOf({ fileNameRaw: raw, generalPurposeBitFlag: flags, extraFields }: yauzl.Entry): {
  name: string;
  encoding?: 'UTF-8' | 'CP437';
} {
  const utf8 = isUtf8(raw);
  const name = yauzl.getFileNameLowLevel(utf8 ? flags | UTF8 : flags & ~UTF8, raw, extraFields, false);
  const problem = yauzl.validateFileName(name);
  if (problem) throw new Error(problem);
  const said = isAscii(raw) || (flags & UTF8 && utf8) || extraFields.some(({ id }) => id === UNICODE_PATH);
  return { name: normalName(name), ...(!said && { encoding: utf8 ? 'UTF-8' : 'CP437' }) };
}

/** The bit of the flags, and the id of the extra field, by which a name is in UTF-8. */
const UTF8 = 0x800;
const UNICODE_PATH = 0x7075;

/** The files of an archive that has them all in one folder, without it. */
export function withoutOuterFolder<F extends SourceFile>(files: F[]): F[] {
  const outer = `${files[0]?.name.split('/')[0]}/`;
  if (!files.every(({ name }) => name.startsWith(outer))) return files;
  return files.map((file) => ({ ...file, name: file.name.slice(outer.length) }));
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
