import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '../lib/errors.js';
import { isLitter } from '../lib/names.js';
import { at } from '../onnx/refusal.js';
import { externalsOf } from '../onnx/takeIn.js';

/** Of a network or of one file with its numbers. A ViT-B has 345 MB. */
export const MAX_NETWORK_BYTES = 2 ** 29;

/** Where a bundle comes from: a folder, or an archive. Nothing of it is written anywhere before it is checked. */
export interface BundleSource {
  /** How errors name it. */
  name: string;
  /** Size in bytes of each file inside, as the source says. @throws TrojanscopeError DATA_DAMAGED */
  sizes: ReadonlyMap<string, number>;
  /**
   * The content of a file, exactly as long as `sizes` says.
   * @throws TrojanscopeError DATA_DAMAGED where it is not
   */
  read(file: string): Promise<Buffer>;
}

/** More files than a bundle has, or a network with the images of its trigger; and folders in folders. */
const MANY = 250_000;
const DEEP = 8;

/**
 * A bundle, or a network from elsewhere, as a folder, of which every file is a plain one; it may lie in one more folder.
 * Names of files in folders have slashes. What file systems and tools leave behind is passed over.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function folderSource(folder: string): Promise<BundleSource> {
  const name = path.basename(path.resolve(folder));
  const damaged = (file: string, what: string) =>
    new TrojanscopeError('DATA_DAMAGED', `${name}/${file}: ${what}.`);
  let place = folder;
  let entries = await list();
  const [only] = entries;
  if (entries.length === 1 && only!.isDirectory()) {
    place = path.join(folder, only!.name);
    entries = await list();
  }
  const sizes = new Map<string, number>();
  await take(entries, '', 0);
  return {
    name,
    sizes,
    read: (file) => withFile(file, (handle) => wholeOf(handle, file)),
  };

  async function wholeOf(handle: FileHandle, file: string): Promise<Buffer> {
    const size = sizes.get(file) ?? 0;
    // One more than there should be, to see whether it has grown.
    const bytes = Buffer.allocUnsafe(size + 1);
    let length = 0;
    for (let more = 1; more > 0 && length <= size; length += more) {
      ({ bytesRead: more } = await handle.read(bytes, length, bytes.length - length));
    }
    if (length !== size)
      throw damaged(file, `expected ${size} bytes, got ${length > size ? 'more' : length}`);
    return bytes.subarray(0, size);
  }

  async function list(below = '') {
    const own = path.join(place, below);
    const found = await readdir(own, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw new TrojanscopeError('DATA_MISSING', `${own} cannot be read as a folder (${error.code}).`);
    });
    return found.filter((entry) => !isLitter(entry.name));
  }

  async function take(found: typeof entries, below: string, depth: number): Promise<void> {
    for (const entry of found) {
      const file = `${below}${entry.name}`;
      if (entry.isDirectory() && depth < DEEP) {
        const inside = await list(file);
        if (inside.length === 0)
          throw damaged(file, 'expected a plain file, got a folder with nothing in it');
        await take(inside, `${file}/`, depth + 1);
      } else if (!entry.isFile()) throw damaged(file, 'expected a plain file, got a link or a device');
      else if (sizes.size >= MANY) throw damaged(file, `expected at most ${MANY} files, got more`);
      else sizes.set(file, await withFile(file, async (handle) => (await handle.stat()).size));
    }
  }

  /** Opened without following a link, and without waiting for who writes into a pipe. */
  async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>) {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(path.join(place, file), flags).catch((error: NodeJS.ErrnoException) => {
      throw damaged(file, `it cannot be read (${error.code})`);
    });
    try {
      if (!(await handle.stat()).isFile()) throw damaged(file, 'expected a plain file');
      return await use(handle);
    } finally {
      await handle.close();
    }
  }
}

/**
 * A single ONNX file, with what lies beside it of the files that it names.
 * @param name how errors name it, where that is not its own
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function fileSource(file: string, name = path.basename(file)): Promise<BundleSource> {
  const { size } = await stat(file);
  if (size > MAX_NETWORK_BYTES)
    throw new TrojanscopeError(
      'DATA_DAMAGED',
      `${name}: expected at most ${MAX_NETWORK_BYTES} bytes, got ${size}.`,
    );
  const content = await readFile(file);
  // Named as what it is, whatever it is called.
  const own = /\.onnx$/i.test(name) ? name : `${name}.onnx`;
  const beside = new Map<string, number>();
  for (const outside of at(name, () => externalsOf(content))) {
    if (path.basename(outside) !== outside) continue;
    const found = await stat(path.join(path.dirname(file), outside)).catch(() => undefined);
    if (found?.isFile()) beside.set(outside, found.size);
  }
  return {
    name: own,
    sizes: new Map([...beside, [own, content.length]]),
    read: async (wanted) =>
      wanted === own ? content : readFile(path.join(path.dirname(file), path.basename(wanted))),
  };
}
