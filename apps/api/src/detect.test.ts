import { execFile, execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Detectors tried by a job: every measure is checked against the images that it was made of. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let trojaned: string;
let benign: string;
let consistency: string;
const file = () => path.join(data.folder, 'trojanscope.sqlite');

beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models } = await server.query('{ models(first: 10) { nodes { id kind } } }');
  const find = (kind: string) => models.nodes.find((model: { kind: string }) => model.kind === kind).id;
  [benign, trojaned] = [find('BENIGN'), find('TROJANED')];
  consistency = await detect({ geometricConsistency: {} }, { samples: 200 });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const run = (detector: object, input: object = {}) =>
  server.mutate(
    'runDetector',
    'RunDetectorInput',
    { modelId: trojaned, detector, ...input },
    'detection { id status samplesUsed measures { why } job { id kind title model { id } } }',
  );
async function detect(detector: object, input: object = {}): Promise<string> {
  const { detection, errors } = await run(detector, input);
  expect(errors).toEqual([]);
  expect(detection).toMatchObject({ samplesUsed: null, measures: null, job: { kind: 'detect' } });
  const ended = await untilJob(server, detection.job.id, undefined, 120_000);
  expect(ended.status).toBe('SUCCEEDED');
  return detection.id;
}

const AUROC = '{ value low high }';
const RATE = '{ value numerator denominator }';
const POINT = `threshold truePositiveRate ${RATE} falsePositiveRate ${RATE}`;
const MEASURES = `{ population why trojaned clean auroc ${AUROC} at { atMost ${POINT} heldOut { ${POINT} } }
  roc { threshold truePositiveRate falsePositiveRate } }`;
const DETECTION = `id queries samples samplesUsed seed parameters status model { id } benign { id }
  detector { id labelsOnly source { citation } } all: measures ${MEASURES}
  fired: measures(population: FIRED_AND_RIGHT) ${MEASURES} floor: benignMeasures ${MEASURES}
  controls { permuted ${AUROC} otherClean ${AUROC} }`;
const detection = async (id: string) =>
  (await server.query(`query ($id: ID!) { node(id: $id) { ... on Detection { ${DETECTION} } } }`, { id }))
    .node;

interface Image {
  id: string;
  kind: string;
  score: number;
  benignScore: number | null;
  asExpected: boolean;
  sample: { index: number };
  predicted: { index: number };
  trueLabel: { index: number };
  answers: { labels: number[]; confidences: number[]; entropies: number[] };
  image: { url: string };
}
const IMAGE = `id kind score benignScore asExpected sample { index } predicted { index } trueLabel { index }
  answers { labels confidences entropies } image { url }`;
async function images(id: string, filter: object = {}, orderBy: object | null = null): Promise<Image[]> {
  const all: Image[] = [];
  let after: string | null = null;
  do {
    const { node } = await server.query(
      `query ($id: ID!, $after: String, $filter: DetectionImageFilter, $orderBy: DetectionImageOrder) {
        node(id: $id) { ... on Detection { images(first: 100, after: $after, filter: $filter, orderBy: $orderBy) {
          totalCount nodes { ${IMAGE} } pageInfo { hasNextPage endCursor } } } } }`,
      { id, after, filter, orderBy },
    );
    all.push(...node.images.nodes);
    after = node.images.pageInfo.hasNextPage ? node.images.pageInfo.endCursor : null;
    if (!after) expect(node.images.totalCount).toBe(all.length);
  } while (after);
  return all;
}
interface Rate {
  value: number;
  numerator: number;
  denominator: number;
}
interface Purified {
  text: string;
  draws: number;
  asr: Rate;
}
/** Numbers as close to, whatever lies around them. */
const close = (expected: object): object =>
  Object.fromEntries(
    Object.entries(expected).map(([key, value]) => [
      key,
      typeof value === 'number'
        ? expect.closeTo(value, 10)
        : typeof value === 'object'
          ? close(value)
          : value,
    ]),
  );
/** Mann and Whitney, pair by pair. */
function areaOf(bad: number[], good: number[]): number {
  let wins = 0;
  for (const b of bad) for (const g of good) wins += Number(b > g) + Number(b === g) / 2;
  return wins / bad.length / good.length;
}

describe('a detection', () => {
  test('has measures that are those of its images', async () => {
    const found = await detection(consistency);
    expect(found).toMatchObject({
      queries: 7,
      samples: 200,
      samplesUsed: 200,
      status: 'SUCCEEDED',
      model: { id: trojaned },
      benign: { id: benign },
      detector: { id: 'geometricConsistency', labelsOnly: true },
      parameters: { rotationsDeg: [-15, 15], factors: [0.9], shiftsPx: [2, 2, 2] },
    });
    const all = await images(consistency, { kind: null });
    const of = (kind: string, fits = (_: Image) => true) =>
      all.filter((image) => image.kind === kind && fits(image));
    expect(
      of('TROJANED')
        .map(({ sample }) => sample.index)
        .sort(),
    ).toEqual(
      of('CLEAN')
        .map(({ sample }) => sample.index)
        .sort(),
    );
    for (const [measures, fits, score] of [
      [found.all, () => true, (image: Image) => image.score],
      [found.fired, (image: Image) => image.asExpected, (image: Image) => image.score],
      [found.floor, () => true, (image: Image) => image.benignScore!],
    ] as const) {
      const [bad, good] = [of('TROJANED', fits).map(score), of('CLEAN', fits).map(score)];
      expect(measures).toMatchObject({ why: null, trojaned: bad.length, clean: good.length });
      expect(measures.auroc.value).toBeCloseTo(areaOf(bad, good), 12);
      expect(measures.auroc.low).toBeLessThan(measures.auroc.value);
      expect(measures.auroc.high).toBeGreaterThan(measures.auroc.value);
      for (const { threshold, atMost, truePositiveRate, falsePositiveRate } of measures.at) {
        const flagged = (scores: number[]) =>
          threshold === null ? 0 : scores.filter((one) => one >= threshold).length;
        expect(truePositiveRate.numerator).toBe(flagged(bad));
        expect(falsePositiveRate.numerator).toBe(flagged(good));
        expect(falsePositiveRate.value).toBeLessThanOrEqual(atMost);
      }
      expect(measures.roc[0]).toEqual({ threshold: null, truePositiveRate: 0, falsePositiveRate: 0 });
      expect(measures.roc.at(-1)).toMatchObject({ truePositiveRate: 1, falsePositiveRate: 1 });
      // By the trapezoidal rule between its corners, the curve has the area.
      const area = measures.roc
        .slice(1)
        .reduce(
          (sum: number, { truePositiveRate: y, falsePositiveRate: x }: Record<string, number>, i: number) => {
            const { truePositiveRate: before, falsePositiveRate: from } = measures.roc[i];
            return sum + ((x! - from) * (y! + before)) / 2;
          },
          0,
        );
      expect(area).toBeCloseTo(measures.auroc.value, 12);
    }
    for (const { kind, predicted, trueLabel, asExpected, score, answers } of all) {
      expect(asExpected).toBe(predicted.index === (kind === 'TROJANED' ? 0 : trueLabel.index));
      const changed = answers.labels.slice(1).filter((label) => label !== answers.labels[0]).length;
      expect(score).toBeCloseTo(changed / 6, 12);
      expect(answers.labels[0]).toBe(predicted.index);
    }
    for (const { low, high } of Object.values<{ low: number; high: number }>(found.controls)) {
      expect(low).toBeLessThan(0.5);
      expect(high).toBeGreaterThan(0.5);
    }
  });

  test('shows the samples behind a part of its curve, in pages', async () => {
    const all = await images(consistency);
    expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).sort((a, b) => b - a));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const threshold = 0.5;
    const [caught, missed, alarms] = await Promise.all([
      images(consistency, { kind: 'TROJANED', atLeast: threshold }),
      images(consistency, { kind: 'TROJANED', below: threshold }),
      images(consistency, { kind: 'CLEAN', atLeast: threshold, population: 'FIRED_AND_RIGHT' }),
    ]);
    expect(caught.length + missed.length).toBe(200);
    expect(caught.every(({ score }) => score >= threshold)).toBe(true);
    expect(alarms.map(({ id }) => id)).toEqual(
      all
        .filter(({ kind, score, asExpected }) => kind === 'CLEAN' && score >= threshold && asExpected)
        .map(({ id }) => id),
    );
    const drawn = await images(consistency, { kind: 'CLEAN' }, { field: 'DRAWN', direction: 'ASC' });
    expect(drawn.map(({ id }) => Number(id.split('_').at(-1)))).toEqual([...Array(200).keys()]);
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Detection { images(last: 5) { nodes { id } pageInfo { hasPreviousPage } } } } }`,
      { id: consistency },
    );
    expect(node.images.nodes.map(({ id }: { id: string }) => id)).toEqual(all.slice(-5).map(({ id }) => id));
    for (const one of [caught[0]!, drawn[0]!]) {
      const picture = await fetch(server.url + one.image.url);
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    }
  });

  test('gives the same to the bit again, and where it was stopped half way', async () => {
    const again = await detect({ geometricConsistency: {} }, { samples: 200 });
    const rows = (id: string) => {
      const sqlite = new Database(file(), { readonly: true });
      const found = sqlite
        .prepare(
          `select kind, position, sample_index, predicted, score, benign_score from detection_image
           where detection_id = ? order by kind, position`,
        )
        .all(id);
      const summary = sqlite.prepare('select summary from detection where id = ?').pluck().get(id);
      sqlite.close();
      return { found, summary };
    };
    const whole = rows(consistency);
    expect(whole.found).toHaveLength(200 * 2 + 175);
    expect(rows(again)).toEqual(whole);
    // As a worker that was killed leaves it: some of the samples, no summary.
    await server.stop();
    const sqlite = new Database(file());
    sqlite.prepare('delete from detection_image where detection_id = ? and position >= 64').run(again);
    sqlite.prepare('update detection set summary = null where id = ?').run(again);
    sqlite
      .prepare(`update job set status = 'RUNNING' where id = (select job_id from detection where id = ?)`)
      .run(again);
    sqlite.close();
    server = await startServer({ data: data.folder });
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Detection { job { id } } } }',
      { id: again },
    );
    const ended = await untilJob(server, node.job.id, undefined, 60_000);
    expect(ended.status).toBe('SUCCEEDED');
    const { found, summary } = rows(again);
    expect(summary).toBe(whole.summary);
    expect(found).toEqual(whole.found);
  });

  test('is listed, by model and detector, with the newest of each alone, and by AUROC', async () => {
    const newer = await detect({ scaleUp: {} }, { samples: 60, seed: 2 });
    const ids = async (filter: string, order = '') =>
      (
        await server.query(`{ detections(first: 50, filter: { ${filter} } ${order}) { nodes { id } } }`)
      ).detections.nodes.map(({ id }: { id: string }) => id);
    expect(await ids(`modelId: "${trojaned}", detector: scaleUp`)).toEqual([newer]);
    expect(await ids(`modelId: "${benign}"`)).toEqual([]);
    const newest = await ids(`modelIds: ["${trojaned}"], newest: true`);
    expect(newest).toContain(newer);
    // There was one more with its parameters.
    expect(newest).not.toContain(consistency);
    const ordered = await ids('newest: true', 'orderBy: { field: AUROC }');
    expect([...ordered].sort()).toEqual([...newest].sort());
  });

  test('is kept in order as sweeps are: tags, lock, trash, and gone with its images', async () => {
    const id = await detect({ strip: { overlays: 5, blend: 'AVERAGE' } }, { samples: 40 });
    const of = (mutation: string, input: object) =>
      server.mutate(
        mutation,
        `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`,
        input,
        'items { id tags }',
      );
    expect((await of('annotate', { ids: [id], addTags: ['odd'], notes: 'look' })).items).toEqual([
      { id, tags: ['odd'] },
    ]);
    expect((await server.query('{ tags }')).tags).toContain('odd');
    expect((await of('annotate', { ids: [id], name: 'x' })).errors[0]).toMatchObject({ field: ['name'] });
    await of('setLock', { ids: [id], locked: true });
    expect((await of('deleteItems', { ids: [id] })).errors[0]).toMatchObject({ code: 'CONFLICT' });
    await of('setLock', { ids: [id], locked: false });
    await of('deleteItems', { ids: [id] });
    const { detections } = await server.query(
      '{ detections(first: 50, filter: { deleted: true }) { nodes { id } } }',
    );
    expect(detections.nodes).toEqual([{ id }]);
    const { purged } = await server.mutate(
      'purgeTrash',
      'PurgeTrashInput',
      { olderThanDays: 0 },
      'purged { ids }',
    );
    expect(purged.ids).toEqual([id]);
    const sqlite = new Database(file(), { readonly: true });
    const left = sqlite.prepare('select count(*) from detection_image where detection_id = ?').pluck();
    expect(left.get(id)).toBe(0);
    expect(sqlite.pragma('foreign_key_check')).toEqual([]);
    sqlite.close();
  });
});

describe('what is exported', () => {
  const download = async (address: string) => {
    const response = await fetch(server.url + address);
    return { status: response.status, text: await response.text() };
  };
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
  const hasPython = spawnSync(python, ['-c', 'import json, math, statistics']).status === 0;
  if (!hasPython) console.log(`skipped: there is no ${python}`);
  /** From nothing but the answers: the papers' formulas, and Mann and Whitney's statistic pair by pair. */
  const PROGRAM = `
import json, math, statistics, sys
def score(detector, labels, entropies):
    if detector == 'strip': return -statistics.fmean(e / math.log(2) for e in entropies)
    if detector == 'teco':
        parts = [labels[start:start + 5] for start in range(1, 26, 5)]
        return statistics.pstdev([next((i + 1 for i, l in enumerate(p) if l != labels[0]), 6) for p in parts])
    same = sum(label == labels[0] for label in labels[1:]) / (len(labels) - 1)
    return same if detector == 'scaleUp' else 1 - same
rows = [json.loads(line) for line in sys.stdin]
for row in rows:
    for score_name, labels, entropies in [('score', 'labels', 'entropies'), ('benignScore', 'benignLabels', 'benignEntropies')]:
        if row[score_name] is None: continue
        mine = score(row['detector'], json.loads(row[labels]), json.loads(row[entropies]))
        row[score_name + 'Differs'] = abs(mine - row[score_name])
def area(name):
    bad, good = ([r[name] for r in rows if r['kind'] == k] for k in ('TROJANED', 'CLEAN'))
    return sum((b > g) + (b == g) / 2 for b in bad for g in good) / len(bad) / len(good)
print(json.dumps(dict(count=len(rows), area=area('score'), floor=area('benignScore'),
    differs=max(v for r in rows for k, v in r.items() if k.endswith('Differs')))))`;

  test.skipIf(!hasPython)(
    'is all that scores and AUROC are made of: Python comes to the same',
    async () => {
      for (const detector of [
        { geometricConsistency: {} },
        { strip: { overlays: 8 } },
        { scaleUp: { factors: 'AUTHORS_CODE' } },
        { teco: {} },
        { teco: { corruptions: 'CUMULATIVE' } },
      ]) {
        const id = await detect(detector, { samples: 80 });
        const { all, floor } = await detection(id);
        const { text } = await download(`/downloads/detections/${id}/images.ndjson`);
        const theirs = JSON.parse(execFileSync(python, ['-c', PROGRAM], { input: text, encoding: 'utf8' }));
        expect(theirs.count).toBe(3 * 80);
        expect(theirs.differs).toBeLessThan(1e-12);
        expect(theirs.area).toBeCloseTo(all.auroc.value, 12);
        expect(theirs.floor).toBeCloseTo(floor.auroc.value, 12);
      }
    },
    120_000,
  );

  const PURIFIERS = `purifiers { text steps { transform value } draws cost onFront deployed
    asr { numerator denominator value low high } cleanAccuracy { numerator denominator value low high }
    benignAccuracy { numerator denominator value low high } }`;
  /** What each view is, by name; the rest is counted of the answers, and judged by the report's words. */
  const PURIFIED = `
import collections, json, math, sys
views = sys.argv[1:]
rows = [json.loads(line) for line in sys.stdin]
def rate(answers, draws):
    hits, total = sum(answers), len(answers)
    n, p, z = total / draws, hits / total, 1.959963984540054
    centre, reach = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = [(centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)]
    return dict(numerator=hits, denominator=total, value=p, low=max(0, ends[0]), high=min(1, ends[1]))
found = collections.defaultdict(lambda: dict(asr=[], cleanAccuracy=[], benignAccuracy=[]))
for row in rows:
    own, benign = json.loads(row['labels']), json.loads(row['benignLabels'] or 'null')
    for i, view in enumerate(views):
        if row['kind'] == 'TROJANED': found[view]['asr'].append(own[i] == 0)
        if row['kind'] == 'CLEAN':
            found[view]['cleanAccuracy'].append(own[i] == row['trueLabel'])
            found[view]['benignAccuracy'].append(benign[i] == row['trueLabel'])
result = {v: dict({k: rate(a, views.count(v)) for k, a in f.items()}, draws=views.count(v)) for v, f in found.items()}
at = lambda v: (result[v]['asr']['value'], result[v]['cleanAccuracy']['value'])
better = lambda a, b: a != b and a[0] <= b[0] and a[1] >= b[1]
affordable = [v for v in result if at('nothing')[1] - at(v)[1] <= 0.05 + 1e-9]
best = min(affordable, key=lambda v: (at(v)[0], -at(v)[1]))
for v, one in result.items():
    one['cost'] = at('nothing')[1] - at(v)[1]
    one['onFront'] = not any(better(at(other), at(v)) for other in result)
    one['lowest'] = at(v) == at(best) and at(best)[0] < at('nothing')[0] - 0.01
print(json.dumps(result))`;

  test.skipIf(!hasPython)(
    'is all that purifiers are counted of: Python comes to the same',
    async () => {
      const three = { rotationDeg: 10, factor: 1, shrinkPadPx: 0, blurSigmaPx: 0, jpegQuality: 50 };
      const [turn, shift, file] = ['rotation 10 °', 'translation 2 px', 'jpeg 50 %'];
      for (const [detector, views] of [
        [
          { geometricConsistency: {} },
          ['nothing', 'rotation -15 °', 'rotation 15 °', 'scaling 0.9 ×', shift, shift, shift],
        ],
        [
          { composedConsistency: three },
          ['nothing', turn, shift, file, ...[`${turn}, then ${shift}`, `${turn}, then ${file}`]].concat(
            `${shift}, then ${file}`,
          ),
        ],
      ] as const) {
        const id = await detect(detector, { samples: 80 });
        const { node } = await server.query(
          `query ($id: ID!) { node(id: $id) { ... on Detection { ${PURIFIERS} } } }`,
          { id },
        );
        const { text } = await download(`/downloads/detections/${id}/images.ndjson`);
        const theirs = JSON.parse(
          execFileSync(python, ['-c', PURIFIED, ...(views as string[])], { input: text, encoding: 'utf8' }),
        );
        expect(node.purifiers.map((one: { text: string }) => one.text).sort()).toEqual(
          Object.keys(theirs).sort(),
        );
        for (const { text, steps, deployed, ...own } of node.purifiers) {
          const { lowest, ...expected } = theirs[text];
          expect(own).toEqual(close(expected));
          expect(steps).toHaveLength(text === 'nothing' ? 0 : text.split(', then ').length);
          if (deployed) expect(lowest).toBe(true);
        }
        const isAny = Object.values<{ lowest: boolean }>(theirs).some(({ lowest }) => lowest);
        expect(node.purifiers.filter((one: { deployed: boolean }) => one.deployed)).toHaveLength(
          Number(isAny),
        );
        const accuracies = node.purifiers.map((one: { cleanAccuracy: Rate }) => one.cleanAccuracy.value);
        expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
      }
    },
    120_000,
  );

  test('is what a model’s purifiers are of: all its newest detections of the same samples', async () => {
    const laid = await detect({ strip: { overlays: 8 } }, { samples: 80 });
    const { detections, node } = await server.query(
      `query ($id: ID!) { detections(first: 50, filter: { modelId: $id, newest: true }) {
         nodes { id samples ${PURIFIERS} } } node(id: $id) { ... on Model { ${PURIFIERS} } } }`,
      { id: trojaned },
    );
    const expected = new Map<string, { draws: number; numerator: number; denominator: number }>();
    for (const { id, samples, purifiers } of detections.nodes) {
      if (id === laid) expect(purifiers).toEqual([]);
      if (samples !== 80) continue;
      for (const { text, draws, asr } of purifiers) {
        const {
          draws: d,
          numerator,
          denominator,
        } = expected.get(text) ?? {
          draws: 0,
          numerator: 0,
          denominator: 0,
        };
        expected.set(text, {
          draws: d + draws,
          numerator: numerator + asr.numerator,
          denominator: denominator + asr.denominator,
        });
      }
    }
    expect(expected.get('translation 2 px')!.draws).toBe(3 + 1);
    const found = node.purifiers.map(({ text, draws, asr: { numerator, denominator } }: Purified) => [
      text,
      { draws, numerator, denominator },
    ]);
    expect(new Map(found)).toEqual(expected);
    const { node: other } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Model { ${PURIFIERS} } } }`,
      { id: benign },
    );
    expect(other.purifiers).toEqual([]);
  });

  test('has a row for each image, and for each detection and population', async () => {
    const csv = await download(`/downloads/detections/${consistency}/images.csv`);
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(1 + 200 * 2 + 175);
    const rows = lines((await download('/downloads/detections.ndjson?detector=geometricConsistency')).text);
    const own = rows.filter(({ detectionId }) => detectionId === consistency);
    const { all, fired, floor } = await detection(consistency);
    expect(own).toMatchObject([
      {
        population: 'ALL',
        auroc: all.auroc.value,
        benignAurocHigh: floor.auroc.high,
        tprAt5: all.at.find(({ atMost }: { atMost: number }) => atMost === 0.05).truePositiveRate.value,
        samplesUsed: 200,
        queries: 7,
      },
      { population: 'FIRED_AND_RIGHT', auroc: fired.auroc.value, trojaned: fired.trojaned },
    ]);
    expect((await download('/downloads/detections.csv?detector=nothing')).status).toBe(400);
    expect((await download(`/downloads/detections/det_${'0'.repeat(26)}/images.csv`)).status).toBe(404);
  });
});

describe('in the command line', () => {
  const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const command = (...args: string[]) =>
    promisify(execFile)(process.execPath, [CLI, 'model', 'detect', trojaned, '--data', data.folder, ...args]);

  test('tries detectors, and does again nothing that is there', async () => {
    await server.stop();
    try {
      const args = ['--detector', 'teco', '--parameters', '{"corruptions":"CUMULATIVE"}', '--samples', '40'];
      const { stdout } = await command(...args);
      expect(stdout).toMatch(
        /^det_\w{26} {2}TeCo .*AUROC [\d.]+ \([\d.]+ to [\d.]+\), .*26 queries an image, 40 samples, (best purifier|no purifier)/,
      );
      const again = JSON.parse((await command(...args, '--json')).stdout);
      expect(again).toMatchObject([{ id: stdout.slice(0, 30), samples: 40, queries: 26 }]);
      // Each of its views piles one corruption more on.
      const [{ purifiers }] = again;
      expect(purifiers.map(({ steps }: { steps: object[] }) => steps.length).sort()).toEqual(
        [...Array(26).keys()].sort(),
      );
      const best = purifiers.filter(({ deployed }: { deployed: boolean }) => deployed);
      expect(stdout.includes('best purifier')).toBe(best.length === 1);
      await expect(command('--parameters', '{"a":1}')).rejects.toMatchObject({
        stderr: expect.stringContaining('expected one --detector'),
      });
    } finally {
      server = await startServer({ data: data.folder });
    }
  }, 90_000);
});

describe('what is refused', () => {
  test.each([
    ['two detectors', { detector: { scaleUp: {}, teco: {} } }, /Exactly one key/],
    ['an unknown detector', { detector: { nothing: {} } }, /nothing/],
    ['an unknown word', { detector: { strip: { blend: 'TWICE' } } }, /TWICE/],
  ])('%s, by the schema', async (_, input, message) => {
    const { body } = await server.post({
      query: 'mutation ($input: RunDetectorInput!) { runDetector(input: $input) { errors { message } } }',
      variables: { input: { modelId: trojaned, ...input } },
    });
    expect(body.errors[0].message).toMatch(message);
  });

  test('too many overlays, nothing to ask, a benign model, nearly no samples', async () => {
    const refusal = async (detector: object, input: object = {}) => (await run(detector, input)).errors[0];
    expect(await refusal({ strip: { overlays: 900 } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: ['detector', 'strip', 'overlays'],
    });
    expect(
      await refusal({ geometricConsistency: { rotationsDeg: [], factors: [], shiftsPx: [] } }),
    ).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: ['detector', 'geometricConsistency', 'rotationsDeg'],
    });
    expect(await refusal({ teco: {} }, { modelId: benign })).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('is benign'),
    });
    expect(await refusal({ teco: {} }, { samples: 19 })).toMatchObject({ field: ['samples'] });
  });

  test('samples that leave too few images to lay over fail in words', async () => {
    const { detection } = await run({ strip: { overlays: 150 } }, { samples: 375 });
    await untilJob(server, detection.job.id, undefined, 60_000);
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Job { status error { code message } } } }',
      { id: detection.job.id },
    );
    expect(node).toMatchObject({
      status: 'FAILED',
      error: { code: 'BAD_USER_INPUT', message: expect.stringContaining('at least 150 test images') },
    });
  });
});
