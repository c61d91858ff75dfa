import { temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { images } from '@trojanscope/testing/images';
import { startServer } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { importImageFolder } from './imageFolder.js';

/** Data sets as the API tells of them: numbers, examples and origin of those that are here. */

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Awaited<ReturnType<typeof startServer>>;
let datasets: Record<string, Dataset>;
interface Dataset {
  id: string;
  installed: boolean;
  origin: { from: string; at: string } | null;
  classSummaries:
    | {
        label: { name: string };
        trainCount: number;
        testCount: number;
        examples: { url: string; width: number }[];
      }[]
    | null;
}

beforeAll(async () => {
  temporary = await temporaryFolder();
  const { folder } = temporary;
  const names = [
    'train/cat/1',
    'train/cat/2',
    'train/cat/3',
    'train/dog/1',
    'test/dog/1',
    'test/cat/1',
    'test/dog/2',
  ];
  await writeFiles(`${folder}/pets`, {
    'manifest.json': JSON.stringify({ title: 'Pets', size: 100 }),
    ...Object.fromEntries(names.map((name) => [`${name}.png`, images.rgb!])),
  });
  await importImageFolder({ from: `${folder}/pets`, blobs: createFolderBlobs(folder), id: 'pets' });
  server = await startServer({ data: folder });
  const { catalog } = await server.query(`{ catalog { datasets { id installed origin { from at }
    classSummaries { label { name } trainCount testCount examples { url thumbnailUrl width } } } } }`);
  datasets = Object.fromEntries(catalog.datasets.map((dataset: Dataset) => [dataset.id, dataset]));
});
afterAll(async () => {
  await server?.stop();
  await temporary?.remove();
});

const summary = (id: string) =>
  datasets[id]!.classSummaries?.map(({ label, trainCount, testCount }) => [
    label.name,
    trainCount,
    testCount,
  ]);

test('each class has its numbers, and examples spread over the test split', async () => {
  // Shapes are drawn in turns, four classes of 2,000 and 500.
  expect(summary('shapes')).toEqual(['square', 'disc', 'cross', 'frame'].map((name) => [name, 500, 125]));
  // Of 125 discs every 15.6th: the 0th, 15th, 31st …; discs stand at 1, 5, 9 …
  expect(datasets.shapes!.classSummaries![1]!.examples.map(({ url }) => url)).toEqual(
    [0, 15, 31, 46, 62, 78, 93, 109].map((place) => `/artifacts/smp_shapes_${4 * place + 1}`),
  );
  expect(summary('pets')).toEqual([
    ['cat', 3, 1],
    ['dog', 1, 2],
  ]);
});

test('examples are pictures, small ones for lists', async () => {
  const [cat] = datasets.pets!.classSummaries!;
  const [example] = cat!.examples;
  expect(example).toEqual({
    url: '/artifacts/smp_pets_0',
    thumbnailUrl: '/artifacts/smp_pets_0?thumbnail',
    width: 100,
  });
  const response = await fetch(`${server.url}${example!.url}?thumbnail`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
  expect(response.headers.get('cache-control')).toMatch(/immutable/);
});

test('what is not here has neither; what was imported says from what', () => {
  expect(datasets.gtsrb).toMatchObject({ installed: false, origin: null, classSummaries: null });
  expect(datasets.shapes).toMatchObject({ installed: true, origin: null });
  expect(datasets.pets).toMatchObject({
    installed: true,
    origin: { from: 'The folder pets: 7 images of 2 classes.', at: expect.stringMatching(/^\d{4}-/) },
  });
});
