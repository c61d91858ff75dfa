/** How names of files and classes are read that other file systems and tools have written. */

/**
 * One spelling of a name: é as one character, composed, whether it came so or as e and an accent, as macOS hands it out.
 * Names are compared, stored and ordered in this form.
 */
export const normalName = (name: string) => name.normalize('NFC');

/** What file systems, file managers and tools leave behind, in any case; names that begin with a dot are litter too. */
const LITTER = new Set([
  // macOS, in archives and on disks that are not its own
  '__macosx',
  'icon\r',
  // Windows
  'desktop.ini',
  'thumbs.db',
  'thumbs.db:encryptable',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  '$recycle.bin',
  'recycler',
  'system volume information',
  // Linux, Synology, QNAP
  'lost+found',
  '@eadir',
  '@tmp',
  '#recycle',
  '#snapshot',
  '@recycle',
  '@recently-snapshot',
  // Python
  '__pycache__',
]);

/** Checkpoints and logs of a training that lie among its images. */
const OF_A_TRAINING = /\.(pth|pt|ckpt|h5|keras)$|^events\.out\.tfevents\./i;

/** THE LIST of what is neither class nor image nor part of a bundle, at whatever level. @param name a path, with slashes */
export const isLitter = (name: string) =>
  name
    .split('/')
    .some((part) => part.startsWith('.') || LITTER.has(part.toLowerCase()) || OF_A_TRAINING.test(part));

/** @param names as they came @returns the order that Python's `sorted` gives, and with it torchvision's ImageFolder: by code point */
export const byCodePoint = (names: readonly string[]): string[] =>
  // UTF-8 keeps the order of code points; JavaScript's own comparison, of UTF-16, does not.
  names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const { compare } = new Intl.Collator('en', { numeric: true });

/** The order in which people count: 2 before 10, otherwise as a dictionary has them. @param names as they came */
export const byNumber = (names: readonly string[]): string[] =>
  names.toSorted((a, b) => compare(a, b) || (a < b ? -1 : 1));
