/**
 * Everything that is kept and is no row: pictures, models, data sets, uploads, checkpoints. A key is a path with slashes:
 * of a file (`artifacts/<sha256>.png`), or of a folder that is written and read as one (`models/<id>`).
 */
export interface Blobs {
  /** @throws TrojanscopeError DATA_MISSING where there is no such file */
  read(key: string): Promise<Buffer>;
  /**
   * Where a file or folder lies on this machine, for code that reads paths. A driver that keeps blobs elsewhere fetches it.
   * What is at no key has a place too: whoever reads there says what is missing.
   */
  localPath(key: string): Promise<string>;
  /**
   * Keeps what `write` makes at the place it is given. It makes it whole or not at all, as `writeWhole` does; where it
   * throws, what was kept under the key stays.
   */
  put<T>(key: string, write: (place: string) => Promise<T>): Promise<T>;
  /** Another one whenever it was put anew; undefined where it is not there. */
  version(key: string): Promise<string | undefined>;
  /**
   * Names directly below a folder in their order; none where there is no folder. What is not whole may be among them, under
   * a name that ends with `.part`.
   */
  list(folder: string): Promise<string[]>;
  /** A file, or a folder with all that is in it; whatever is not there is removed already. */
  remove(key: string): Promise<void>;
  /** How much more can be kept, in bytes. */
  freeBytes(): Promise<number>;
  /** Removes what a kill left half written. For the start of a server: of itself nothing is being written then. */
  removeLeftovers(): Promise<void>;
}
