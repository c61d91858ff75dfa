import { TrojanscopeError } from '../lib/errors.js';
import { IMAGE_EXTENSIONS } from '../lib/imageFile.js';
import type { ImageShape } from '../lib/images.js';
import { byNumber } from '../lib/names.js';
import { type NpyArray, parseNpy } from '../lib/npy.js';
import { quote } from '../lib/strictJson.js';

/** What came beside a model from elsewhere, as a folder or an archive has it: names have slashes. */
export interface TriggerFiles {
  /** How errors name it. */
  name: string;
  /** Of each file, in bytes. */
  sizes: ReadonlyMap<string, number>;
  read(file: string): Promise<Buffer>;
}

/** Of one file, and of all images together: what is kept with a model is read whole with it. */
const MAX_BYTES = 2 ** 28;
const MAX_IMAGES = 100_000;

export const damagedIn = (files: TriggerFiles, file: string, what: string) =>
  new TrojanscopeError('DATA_DAMAGED', `${files.name}/${file}: ${what}.`);

/** @throws TrojanscopeError BAD_USER_INPUT where there were none: a trigger from elsewhere is not made here */
export function requireFiles(files: TriggerFiles | undefined): TriggerFiles {
  if (files) return files;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    'This trigger comes with a model from elsewhere; it is not implanted. Blend takes a picture of your own.',
    ['attack'],
  );
}

/** @param field the parameter that names it @throws TrojanscopeError BAD_USER_INPUT, DATA_DAMAGED */
async function read(files: TriggerFiles, file: string, field: string): Promise<Buffer> {
  const size = files.sizes.get(file);
  if (size === undefined)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${field}: expected the name of a file in ${files.name}; got ${quote(file)}.`,
      [field],
    );
  if (size > MAX_BYTES) throw damagedIn(files, file, `expected at most ${MAX_BYTES} bytes, got ${size}`);
  return files.read(file);
}

const isNpy = (file: string) => file.toLowerCase().endsWith('.npy');

export async function readNpy(files: TriggerFiles, file: string, field: string): Promise<NpyArray> {
  return parseNpy(await read(files, file, field), `${files.name}/${file}`);
}

/** Numbers for each pixel, [h,w,c], and how opaque each is, [h,w], where the file says so. */
export interface Levels {
  /** `u1` of pictures. */
  type: string;
  values: Uint8Array | Float32Array;
  channels: number;
  alpha?: Uint8Array;
  /** Grey was made of a picture that has colours. */
  coloured?: boolean;
}

/**
 * A picture, or an array [h,w] or [h,w,c], of exactly this size.
 * @param channels those that may be; colour becomes grey where only one may, an array is never changed
 */
export async function readLevels(
  files: TriggerFiles,
  file: string,
  field: string,
  { height, width }: ImageShape,
  channels: readonly number[],
): Promise<Levels> {
  const size = (h: number, w: number, what: string) => {
    if (h === height && w === width) return;
    throw damagedIn(
      files,
      file,
      `expected ${height}×${width} (height × width) as the images have, got ${what}`,
    );
  };
  const bytes = await read(files, file, field);
  if (isNpy(file)) {
    const { shape, type, values } = parseNpy(bytes, `${files.name}/${file}`);
    const [h = 0, w = 0, c = 1] = shape;
    size(h, w, `[${shape}]`);
    if (shape.length > 3 || !channels.includes(c))
      throw damagedIn(files, file, `expected ${channels.join(' or ')} channels last, got [${shape}]`);
    return { type, values, channels: c };
  }
  const [{ decodePixels }, { toGrey }] = await Promise.all([
    import('./art/picture.js'),
    import('./art/luminance.js'),
  ]);
  const picture = await decodePixels(bytes).catch((error: Error) => {
    throw damagedIn(files, file, `expected a picture or .npy (${error.message.split('\n')[0]})`);
  });
  size(picture.height, picture.width, `${picture.height}×${picture.width}`);
  const { rgb, alpha } = picture;
  const isGrey = channels.includes(1);
  if (!isGrey) return { type: 'u1', values: rgb, channels: 3, alpha };
  const coloured = rgb.some((level, i) => level !== rgb[i - (i % 3)]);
  return { type: 'u1', values: toGrey(rgb), channels: 1, alpha, coloured };
}

/** Bytes as shares of white; floats have to be these already. @returns in [0,1] */
export function inUnit(files: TriggerFiles, file: string, { type, values }: Levels): Float32Array {
  if (type === 'b1') return Float32Array.from(values);
  if (type === 'u1') return Float32Array.from(values, (level) => level / 255);
  const wrong = values.find((value) => value < 0 || value > 1);
  if (wrong === undefined) return Float32Array.from(values);
  throw damagedIn(
    files,
    file,
    `expected numbers from 0 to 1, got ${wrong}${wrong > 1 ? ': levels from 0 to 255 are saved as uint8' : ''}`,
  );
}

/** Images of one kind, in the order of their names. */
export interface NamedImages {
  /** Of each its path below the folder, without its ending, or its place in the array. */
  names: string[];
  /** Of each the folder that it lies in. */
  folders: string[];
  /** [n·h·w·c] */
  pixels: Uint8Array;
}

/**
 * The images of a folder, `kind/…/name.png`, or of an array `kind.npy` [n,h,w] or [n,h,w,c] of uint8.
 * @throws TrojanscopeError DATA_DAMAGED naming the file at fault
 */
export async function readNamedImages(
  files: TriggerFiles,
  kind: 'clean' | 'poisoned',
  shape: ImageShape,
): Promise<NamedImages> {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  const array = `${kind}.npy`;
  const inFolder = byNumber([...files.sizes.keys()].filter((name) => name.startsWith(`${kind}/`)));
  if (files.sizes.has(array)) {
    if (inFolder.length > 0)
      throw damagedIn(files, array, `expected either it or a folder ${kind}, got both`);
    const { shape: came, type, values } = await readNpy(files, array, kind);
    const [count = 0, h, w, c = 1] = came;
    if (came.length < 3 || came.length > 4 || h !== height || w !== width || c !== channels)
      throw damagedIn(files, array, `expected shape [n,${height},${width},${channels}], got [${came}]`);
    if (!(values instanceof Uint8Array))
      throw damagedIn(files, array, `expected levels from 0 to 255 as uint8, got ${type}`);
    checkCount(array, count);
    const names = Array.from({ length: count }, (_, i) => String(i));
    return { names, folders: names.map(() => ''), pixels: values };
  }
  checkCount(kind, inFolder.length);
  const names: string[] = [];
  const folders: string[] = [];
  const known = new Map<string, string>();
  const pixels = new Uint8Array(inFolder.length * size);
  for (const [i, file] of inFolder.entries()) {
    const [, name = '', ending = ''] = /^[^/]+\/(.*)\.([^./]*)$/.exec(file) ?? [];
    if (!IMAGE_EXTENSIONS.includes(ending.toLowerCase()))
      throw damagedIn(files, file, `expected images only (${IMAGE_EXTENSIONS.join(', ')})`);
    const twin = known.get(name);
    if (twin) throw damagedIn(files, file, `expected one image of this name, there is ${quote(twin)} too`);
    known.set(name, file);
    const { values, alpha, coloured } = await readLevels(files, file, kind, shape, [channels]);
    if (coloured)
      throw damagedIn(files, file, 'expected a grey picture, as those of the data set are; it has colours');
    if (alpha?.some((level) => level < 255)) throw damagedIn(files, file, 'expected no transparent pixels');
    pixels.set(values, i * size);
    names.push(name);
    folders.push(name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '');
  }
  return { names, folders, pixels };

  function checkCount(what: string, count: number): void {
    if (count === 0)
      throw damagedIn(files, what, `expected images, ${kind}/<label>/<name>.png or ${kind}.npy, got none`);
    const most = Math.min(MAX_IMAGES, Math.floor(MAX_BYTES / size));
    if (count > most)
      throw damagedIn(files, what, `expected at most ${most} images of this size, got ${count}`);
  }
}

/**
 * The class of each image: as `labels.npy` says, or the folder that it lies in, a label or the name of a class.
 * @param order for each label the number that it has in the files, where it is another
 * @returns [n]; undefined where neither is there
 */
export async function readLabels(
  files: TriggerFiles,
  { names, folders }: NamedImages,
  { classNames = [], order }: { classNames?: readonly string[]; order?: readonly number[] },
): Promise<Int32Array | undefined> {
  const array = 'labels.npy';
  const ours = (number: number) => (order ? order.indexOf(number) : number);
  const inRange = (label: number) => Number.isInteger(label) && label >= 0 && label < classNames.length;
  if (files.sizes.has(array)) {
    const { shape, values } = await readNpy(files, array, 'labels');
    if (`${shape}` !== `${names.length}`)
      throw damagedIn(
        files,
        array,
        `expected a label for each of ${names.length} images, got shape [${shape}]`,
      );
    const wrong = values.findIndex((label) => !inRange(label));
    if (wrong >= 0)
      throw damagedIn(
        files,
        array,
        `expected labels from 0 to ${classNames.length - 1}, got ${values[wrong]} at ${wrong}`,
      );
    return Int32Array.from(values, ours);
  }
  if (folders.every((folder) => folder === '')) return undefined;
  return Int32Array.from(folders, (folder, i) => {
    const last = folder.split('/').at(-1)!;
    const label = classNames.includes(last)
      ? classNames.indexOf(last)
      : /^\d+$/.test(last)
        ? ours(Number(last))
        : -1;
    if (inRange(label)) return label;
    throw damagedIn(
      files,
      names[i]!,
      `expected it in a folder called as a class or its label, 0 to ${classNames.length - 1}, got ${quote(last)}`,
    );
  });
}
