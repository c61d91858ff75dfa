import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { studyJsonSchema } from '@trojanscope/core';
import { temporaryData } from '@trojanscope/testing/server';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { afterAll, describe, expect, inject, test } from 'vitest';

/** Studies that come as documents: by GraphQL and from the command line. */

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const { studyId } = inject('smoke');
const { data, server } = await smokeServer();
afterAll(async () => {
  await server.stop();
  await data.remove();
});

const STUDY =
  'study { id name seed options document documentSha256 preset { id title } models { id name } jobs { kind status } }';
const run = (input: object) => server.mutate('runStudy', 'RunStudyInput', input, STUDY);
const GRID = `title: Patch sizes
samples: 50
models:
  - dataset: shapes
    architecture: lenet
    recipe: { epochs: 1 }
    attacks:
      - attack: { badnets: { patchSizePx: [2, 3] } }
sweeps:
  - { transform: rotation, target: IMAGE, values: [0, 90] }
detectors:
  - detector: { strip: { blend: [SUM, AVERAGE], overlays: 2 } }
`;

test('a document is a study: a model for each value of a list, and what it says for each', async () => {
  const { study, errors } = await run({ document: GRID });
  expect(errors).toEqual([]);
  expect(study).toMatchObject({
    name: 'Patch sizes',
    seed: 1,
    options: { seeds: [1] },
    preset: { id: 'own', title: 'Own document' },
  });
  expect(study!.jobs.map(({ kind }: { kind: string }) => kind)).toEqual([
    'model',
    ...['model', 'sweep', 'detect', 'detect'],
    ...['model', 'sweep', 'detect', 'detect'],
  ]);
  // They are told apart by what the list varies.
  expect(study!.models.map(({ name }: { name: string }) => name)).toEqual([
    'Benign LeNet on Shapes',
    'BadNets (patch size 2 px) LeNet on Shapes',
    'BadNets (patch size 3 px) LeNet on Shapes',
  ]);
  // What it consists of comes back as a document, which is the same study again, whatever it is called.
  expect(study!.document).toContain('patchSizePx:\n              - 2\n              - 3');
  const again = await run({ document: study!.document, name: 'Again' });
  expect([again.study!.name, again.study!.models]).toEqual(['Again', study!.models]);
  expect(study!.documentSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(again.study!.documentSha256).toBe(study!.documentSha256);
  for (const { id } of [study!, again.study!])
    await server.mutate('cancelStudy', 'CancelStudyInput', { studyId: id }, 'study { id }');
});

test('what the smoke study consists of stands in it, and its document takes it over', async () => {
  const { node } = await server.query(
    '{ node(id: $id) { ... on Study { document preset { id document } } } }'.replace('$id', `"${studyId}"`),
  );
  expect(node.preset.id).toBe('smoke');
  const { estimateStudy } = await server.query(
    'query ($document: String) { estimateStudy(document: $document) { basis } }',
    { document: node.preset.document },
  );
  expect(estimateStudy.basis).toMatch(
    /^Nothing to train or to sweep: 2 models, 6 sweeps and 1 detection are there/,
  );
});

test.each<[what: string, input: object, field: (string | number)[], message: RegExp]>([
  [
    'something wrong in it, with its place',
    { document: GRID.replace('[2, 3]', '[2, 300]') },
    ['document', 'models', '0', 'attacks', '0', 'attack', 'badnets', 'patchSizePx', '1'],
    /^line 8, column 47: .*got 300$/,
  ],
  ['no YAML', { document: 'title: [' }, ['document', 'document'], /^line 1, column/],
  ['neither a preset nor a document', {}, ['preset'], /expected a preset or a document; got neither/],
  ['both', { document: GRID, preset: 'smoke' }, ['preset'], /expected nothing beside a document/],
  ['a seed beside it', { document: GRID, seed: 5 }, ['seed'], /expected nothing beside a document.*got 5/],
  ['a preset that is none', { preset: 'own' }, ['preset'], /expected one of "quickstart"/],
  [
    'a file that is not there',
    {
      document: GRID.replace('badnets: { patchSizePx: [2, 3] }', 'refool: { pictureFile: /none.png }'),
    },
    ['document', 'models', '0', 'attacks', '0', 'attack', 'refool', 'pictureFile'],
    /^line 8, column \d+: .*none\.png/,
  ],
  [
    'what does not fit the images',
    { document: GRID.replace('[2, 3]', '[2, 40]') },
    ['document', 'models', '0', 'attacks', '0', 'attack', 'badnets', 'patchSizePx'],
    /^line 8, column \d+: .*40/,
  ],
])('%s is refused', async (_, input, field, message) => {
  const { study, errors } = await run(input);
  expect(study).toBeNull();
  expect(errors[0]).toMatchObject({ message: expect.stringMatching(message) });
  expect(errors[0]!.field.map(String).slice(0, field.length)).toEqual(field);
});

test('the committed JSON Schema is what the code emits, and says that parameters may be lists', async () => {
  const file = new URL('../../../packages/schema/study.schema.json', import.meta.url);
  const schema = JSON.parse(await readFile(file, 'utf8'));
  expect(schema).toEqual(JSON.parse(JSON.stringify(studyJsonSchema())));
  const { attack } = schema.properties.models.items.anyOf[0].properties.attacks.items.properties;
  expect(attack.properties.badnets.properties.patchSizePx).toMatchObject({
    default: 5,
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'array', items: { type: 'integer' } },
    ],
  });
  expect(Object.keys(attack.properties)).not.toContain('imported');
  // Or a model that is there, and nothing beside it.
  expect(schema.properties.models.items.anyOf[1]).toMatchObject({
    required: ['model'],
    additionalProperties: false,
  });
});

describe('from the command line', () => {
  const cli = async (...args: string[]) => {
    const child = spawn(process.execPath, [CLI, 'study', ...args]);
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    const [code] = await once(child, 'close');
    return { code: code as number, output, errors };
  };

  test('a preset is copied, changed, checked and run; run again it is done', async () => {
    const own = await temporaryData();
    try {
      const file = path.join(own.folder, 'mine.yaml');
      const { output: preset } = await cli('init', 'smoke');
      const [, schema] = /^# yaml-language-server: \$schema=(.*)$/m.exec(preset)!;
      expect(JSON.parse(await readFile(schema!, 'utf8'))).toHaveProperty('properties.models');
      const changed = preset
        .replace('samples: 200', 'samples: 20')
        .replace('badnets: {}', 'badnets: { patchSizePx: [2, 4] }')
        .replace('architecture: lenet', 'architecture: lenet\n    recipe: { epochs: 1 }')
        .replace(/^sweeps:.*(?=^detectors:)/ms, 'sweeps:\n  - { transform: scaling, values: [1, 1.2] }\n')
        .replace(/^scored: .*$/m, '');
      await writeFile(file, changed);
      expect(await cli('check', file)).toMatchObject({
        code: 0,
        output: `Smoke test: BadNets on shapes: one seed, 1 benign and 2 trojaned models, 4 sweeps and 2 detections of 20 samples.
  lenet on shapes
    badnets, patchSizePx 2, poisonRate 0.1, targetLabel 0
    badnets, patchSizePx 4, poisonRate 0.1, targetLabel 0
`,
      });
      const first = await cli('run', file, '--data', own.folder);
      expect([first.code, first.output]).toEqual([
        0,
        expect.stringMatching(/3 models to train, 4 sweeps of 160 samples/),
      ]);
      const second = await cli('run', file, '--data', own.folder);
      expect([second.code, second.output]).toEqual([0, expect.stringContaining('Everything in it is done.')]);
      // A program reads what it came to, and what it consists of.
      const told = await cli('run', file, '--data', own.folder, '--json');
      const { preset: id, done, total, jobs } = JSON.parse(told.output);
      expect([id, done, jobs.length]).toEqual(['own', total, total]);
      expect(told.errors).toContain('Everything in it is done.');
      const counted = await cli('check', file, '--json');
      expect(JSON.parse(counted.output)).toMatchObject({
        documentSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        ...{ benignModels: 1, trojanedModels: 2, ownModels: [], sweeps: 4, detections: 2 },
      });
      // Something more in it is another study, of which only that is to do.
      await writeFile(file, changed.replace('[2, 4]', '[2, 4, 5]'));
      const third = await cli('run', file, '--data', own.folder);
      expect(third.output).toMatch(
        /1 model to train, 2 sweeps of 80 samples in all, 1 detector to try; 3 models, 4 sweeps and 2 detections are there/,
      );
    } finally {
      await own.remove();
    }
  });

  test('what is wrong is told with its place, and a file that is not there', async () => {
    const own = await temporaryData();
    try {
      const file = path.join(own.folder, 'wrong.yaml');
      await writeFile(file, GRID.replace('rotation', 'turning'));
      const place = /^line 10, column 18: .*expected one of "translation"/;
      for (const command of [
        ['check', file],
        ['run', file, '--data', own.folder],
      ])
        expect(await cli(...command)).toMatchObject({ code: 1, errors: expect.stringMatching(place) });
      expect((await cli('check', path.join(own.folder, 'none.yaml'))).errors).toMatch(
        /none\.yaml cannot be read: ENOENT/,
      );
    } finally {
      await own.remove();
    }
  });
});

describe('thousands of runs', () => {
  const list = (count: number, of: (i: number) => number) =>
    `[${Array.from({ length: count }, (_, i) => of(i))}]`;
  /** 19 patch sizes and a hundred rates, each with six sweeps: 13,301 jobs, of which smoke has two models. */
  const LARGE = `title: Large
samples: 50
models:
  - dataset: shapes
    architecture: lenet
    attacks:
      - attack: { badnets: { patchSizePx: ${list(19, (i) => i + 1)} } }
        poisonRate: ${list(100, (i) => (i + 11) / 1_000)}
sweeps:
  - { transform: translation }
  - { transform: scaling }
  - { transform: rotation }
`;
  // A second each on a machine that has nothing else to do; tests share theirs.
  const SOON_MS = 4_000;

  test('are priced soon, and refused soon where more would wait than may', async () => {
    const started = performance.now();
    const { estimateStudy } = await server.query(
      'query ($document: String) { estimateStudy(document: $document) { basis } }',
      { document: LARGE },
    );
    expect(estimateStudy.basis).toMatch(
      /^1899 models to train, 11400 sweeps of 2,660,000 samples in all; 2 models are there/,
    );
    const priced = performance.now();
    const { study, errors } = await run({ document: LARGE });
    expect(study).toBeNull();
    expect(errors[0]).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/at most 1000 queued jobs of yours; with this there would be 13299/),
    });
    const refused = performance.now();
    expect(priced - started).toBeLessThan(SOON_MS);
    expect(refused - priced).toBeLessThan(SOON_MS);
    // Nothing of it was written.
    const { studies } = await server.query('{ studies(first: 50) { nodes { name } } }');
    expect(studies.nodes.map(({ name }: { name: string }) => name)).not.toContain('Large');
  });

  test('beyond what a study may have are refused with their place, before anything is made of them', async () => {
    const started = performance.now();
    const { errors } = await run({
      document: LARGE.replace('samples: 50', 'samples: 50\nseeds: [1, 2, 3, 4, 5, 6]'),
    });
    expect(errors[0]!.message).toMatch(
      /^line 5, column 3: models: expected at most 2,000 models.*up to 11,406/,
    );
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  });
});
