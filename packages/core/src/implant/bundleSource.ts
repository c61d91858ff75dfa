import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '../lib/errors.js';
import { isLitter } from '../lib/names.js';

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

/** More files than a bundle has; listing ends there. */
const MANY = 100;

/**
 * A bundle as a folder, of which every file is a plain one; it may lie in one more folder. What file systems and tools
 * leave behind is passed over.
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
  for (const entry of entries.slice(0, MANY)) {
    if (!entry.isFile()) throw damaged(entry.name, 'expected a plain file, got a link, a folder or a device');
    sizes.set(entry.name, await withFile(entry.name, async (handle) => (await handle.stat()).size));
  }
  return {
    name,
    sizes,
    read: (file) =>
      withFile(file, async (handle) => {
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
      }),
  };

  async function list() {
    const found = await readdir(place, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw new TrojanscopeError('DATA_MISSING', `${place} cannot be read as a folder (${error.code}).`);
    });
    return found.filter((entry) => !isLitter(entry.name));
  }

  /** Opened without following a link, and without waiting for who writes into a pipe. */
  async function withFile<T>(file: string, use: (handle: Awaited<ReturnType<typeof open>>) => Promise<T>) {
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
