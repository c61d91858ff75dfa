import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Bad input: a clear typed error that names the field, and nothing queued. And the same key twice: nothing twice. */

const { data: smokeData, studyId } = inject('smoke');
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
/** Ids of what the tests ask for. */
const known: Record<string, string> = {};

const MUTATIONS = {
  trainModel: ['TrainModelInput', 'model { id }'],
  implantBackdoor: ['ImplantBackdoorInput', 'model { id }'],
  runSweep: ['RunSweepInput', 'sweep { id }'],
  explain: ['ExplainInput', 'explanations { id }'],
  runStudy: ['RunStudyInput', 'study { id }'],
  cancelJob: ['CancelJobInput', 'job { id }'],
  retryJob: ['RetryJobInput', 'job { id }'],
} as const;
type Mutation = keyof typeof MUTATIONS;

beforeAll(async () => {
  data = await temporaryData(smokeData);
  // One thread for the training that runs all along leaves a core to the tests.
  server = await startServer({ data: data.folder, env: { TROJANSCOPE_THREADS: '1' } });
  const { study, explanations } = await server.query(
    `query ($id: ID!) {
      study: node(id: $id) { ... on Study { models { id } sweeps { id job { id } } } }
      explanations(first: 1) { nodes { outcome { id } } }
    }`,
    { id: studyId },
  );
  known.benign = study.models[0].id;
  known.trojaned = study.models[1].id;
  known.sweep = study.sweeps[0].id;
  known.finishedJob = study.sweeps[0].job.id;
  known.outcome = explanations.nodes[0].outcome.id;
  // Two that are not done for the whole of this file: one that trains, one that waits for it.
  const { model } = await mutate('implantBackdoor', {
    dataset: 'shapes',
    architecture: 'lenet',
    attack: { badnets: {} },
    recipe: { epochs: 200 },
    name: 'Still training',
  });
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Model { job { id } benign { id job { id } } } } }',
    { id: model.id },
  );
  known.queued = model.id;
  known.queuedJob = node.job.id;
  known.training = node.benign.id;
  known.trainingJob = node.benign.job.id;
  await untilJob(server, node.benign.job.id, ({ stage }: { stage: string }) => stage === 'training');
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const mutate = (name: Mutation, input: object) =>
  server.mutate(name, MUTATIONS[name][0], input, MUTATIONS[name][1]);

const counts = async () =>
  server.query(`{ jobs(first: 1) { totalCount nodes { id } } models(first: 1) { totalCount } sweeps(first: 1) { totalCount }
    studies(first: 1) { totalCount } explanations(first: 1) { totalCount } }`);

async function nothingHappens(work: () => Promise<void>) {
  const before = await counts();
  await work();
  expect(await counts()).toEqual(before);
}

const sweep = { transform: 'rotation', target: 'IMAGE', modelId: 'TROJANED' };
const model = { dataset: 'shapes', architecture: 'lenet' };
const implant = { ...model, attack: { badnets: {} } };

/** Names of what `known` holds stand for it, because ids are not known before the server runs. */
function filled(input: object): object {
  const ids: Record<string, string> = {
    TROJANED: known.trojaned!,
    BENIGN: known.benign!,
    TRAINING: known.training!,
    QUEUED: known.queued!,
    OUTCOME: known.outcome!,
    FINISHED_JOB: known.finishedJob!,
    RUNNING_JOB: known.trainingJob!,
    SWEEP: known.sweep!,
  };
  return JSON.parse(JSON.stringify(input), (_, value) => ids[value] ?? value);
}

describe('a refusal names code and field and queues nothing:', () => {
  test.each<[string, Mutation, object, string, string, RegExp]>([
    [
      'a value above the range',
      'runSweep',
      { ...sweep, values: [0, 400] },
      'BAD_USER_INPUT',
      'values.1',
      /400/,
    ],
    [
      'a value below the range',
      'runSweep',
      { ...sweep, transform: 'scaling', values: [0] },
      'BAD_USER_INPUT',
      'values.0',
      /0/,
    ],
    ['no values', 'runSweep', { ...sweep, values: [] }, 'BAD_USER_INPUT', 'values', /values/],
    [
      'too many values',
      'runSweep',
      { ...sweep, values: Array.from({ length: 101 }, (_, i) => i / 10) },
      'BAD_USER_INPUT',
      'values',
      /100/,
    ],
    ['a value twice', 'runSweep', { ...sweep, values: [15, 30, 15] }, 'BAD_USER_INPUT', 'values.2', /15/],
    [
      'zero twice, once negative',
      'runSweep',
      { ...sweep, values: [0, -0.0, 0] },
      'BAD_USER_INPUT',
      'values.1',
      /0/,
    ],
    ['no samples', 'runSweep', { ...sweep, samples: 0 }, 'BAD_USER_INPUT', 'samples', /0/],
    ['too many samples', 'runSweep', { ...sweep, samples: 10_001 }, 'BAD_USER_INPUT', 'samples', /10001/],
    ['a negative seed', 'runSweep', { ...sweep, seed: -1 }, 'BAD_USER_INPUT', 'seed', /-1/],
    [
      'an empty key',
      'runSweep',
      { ...sweep, idempotencyKey: '' },
      'BAD_USER_INPUT',
      'idempotencyKey',
      /idempotencyKey/,
    ],
    [
      'too long a key',
      'runSweep',
      { ...sweep, idempotencyKey: 'k'.repeat(201) },
      'BAD_USER_INPUT',
      'idempotencyKey',
      /200/,
    ],
    [
      'an unknown model',
      'runSweep',
      { ...sweep, modelId: 'mod_00000000000000000000000000' },
      'NOT_FOUND',
      'modelId',
      /mod_0/,
    ],
    [
      'a model’s id that is none',
      'runSweep',
      { ...sweep, modelId: "' or 1=1" },
      'NOT_FOUND',
      'modelId',
      /or 1=1/,
    ],
    [
      'a sweep in a model’s place',
      'runSweep',
      { ...sweep, modelId: 'SWEEP' },
      'NOT_FOUND',
      'modelId',
      /swp_/,
    ],
    ['a benign model', 'runSweep', { ...sweep, modelId: 'BENIGN' }, 'UNSUPPORTED', 'modelId', /benign/],
    [
      'a benign model in training',
      'runSweep',
      { ...sweep, modelId: 'TRAINING' },
      'UNSUPPORTED',
      'modelId',
      /benign/,
    ],
    [
      'a model that is not trained yet',
      'runSweep',
      { ...sweep, modelId: 'QUEUED' },
      'CONFLICT',
      'modelId',
      /not trained/,
    ],

    [
      'a parameter above its range',
      'implantBackdoor',
      { ...implant, attack: { badnets: { patchSizePx: 65 } } },
      'BAD_USER_INPUT',
      'attack.badnets.patchSizePx',
      /64.*65/,
    ],
    [
      'a parameter below its range',
      'implantBackdoor',
      { ...implant, attack: { badnets: { brightness: -1 } } },
      'BAD_USER_INPUT',
      'attack.badnets.brightness',
      /-1/,
    ],
    [
      'a patch that does not fit',
      'implantBackdoor',
      { ...implant, attack: { badnets: { patchSizePx: 28, marginPx: 1 } } },
      'BAD_USER_INPUT',
      'attack.badnets.patchSizePx',
      /28/,
    ],
    [
      'a pattern that its square has no room for',
      'implantBackdoor',
      { ...implant, attack: { badnets: { pattern: 'letterF', patchSizePx: 3 } } },
      'BAD_USER_INPUT',
      'attack.badnets.patchSizePx',
      /letterF.*at least 4 px; got 3/,
    ],
    [
      'stripes finer than pixels',
      'implantBackdoor',
      { ...implant, attack: { sig: { frequency: 14 } } },
      'BAD_USER_INPUT',
      'attack.sig.frequency',
      /less than half of the width/,
    ],
    [
      'levels squeezed where there are hardly any',
      'implantBackdoor',
      { ...implant, dataset: 'mnist', attack: { bpp: {} } },
      'UNSUPPORTED',
      'attack.bpp',
      /MNIST is nearly black and white/,
    ],
    [
      'a target label that is none',
      'implantBackdoor',
      { ...implant, targetLabel: 4 },
      'BAD_USER_INPUT',
      'targetLabel',
      /4/,
    ],
    [
      'a negative target label',
      'implantBackdoor',
      { ...implant, targetLabel: -1 },
      'BAD_USER_INPUT',
      'targetLabel',
      /-1/,
    ],
    ['no poison', 'implantBackdoor', { ...implant, poisonRate: 0 }, 'BAD_USER_INPUT', 'poisonRate', /0/],
    [
      'too much poison',
      'implantBackdoor',
      { ...implant, poisonRate: 0.91 },
      'BAD_USER_INPUT',
      'poisonRate',
      /0\.91/,
    ],
    [
      'an unknown benign model',
      'implantBackdoor',
      { ...implant, benignModelId: 'mod_x' },
      'NOT_FOUND',
      'benignModelId',
      /mod_x/,
    ],
    [
      'a trojaned model as the benign one',
      'implantBackdoor',
      { ...implant, benignModelId: 'TROJANED' },
      'BAD_USER_INPUT',
      'benignModelId',
      /trojaned/,
    ],
    [
      'a benign model of other data',
      'implantBackdoor',
      { ...implant, dataset: 'mnist', benignModelId: 'BENIGN' },
      'BAD_USER_INPUT',
      'benignModelId',
      /mnist.*shapes/,
    ],

    [
      'an unknown data set',
      'trainModel',
      { ...model, dataset: 'cifar' },
      'BAD_USER_INPUT',
      'dataset',
      /mnist, fashion-mnist, gtsrb, cifar-10, shapes; got "cifar"/,
    ],
    [
      'a data set that is not imported',
      'trainModel',
      { dataset: 'gtsrb', architecture: 'resnet34' },
      'DATA_MISSING',
      'dataset',
      /data fetch gtsrb/,
    ],
    ['another size of MNIST', 'trainModel', { ...model, sizePx: 32 }, 'UNSUPPORTED', 'sizePx', /28 px/],
    [
      'images too small for the network',
      'trainModel',
      { ...model, architecture: 'resnet34' },
      'UNSUPPORTED',
      'dataset',
      /32 px.*28 px/,
    ],
    [
      'an unknown model to start from',
      'trainModel',
      { ...model, startFromModelId: 'mod_x' },
      'NOT_FOUND',
      'startFromModelId',
      /mod_x/,
    ],
    [
      'too much augmentation',
      'trainModel',
      { ...model, recipe: { augmentation: { rotationDeg: 181 } } },
      'BAD_USER_INPUT',
      'recipe.augmentation.rotationDeg',
      /180/,
    ],
    [
      'a rate that poisons nothing',
      'implantBackdoor',
      { ...implant, poisonRate: 0.0002 },
      'BAD_USER_INPUT',
      'poisonRate',
      /smallest rate that poisons one is 0\.00025\./,
    ],
    [
      'a trigger to transform at training that is no layer',
      'implantBackdoor',
      {
        ...implant,
        attack: { wanet: {} },
        trainingTransforms: { target: 'TRIGGER', transforms: [{ transform: 'rotation', from: 0, to: 1 }] },
      },
      'UNSUPPORTED',
      'trainingTransforms.target',
      /POISONED or ALL; got TRIGGER\. A warp bends the image/,
    ],
    [
      'a transform at training beyond its range',
      'implantBackdoor',
      {
        ...implant,
        trainingTransforms: { target: 'ALL', transforms: [{ transform: 'scaling', from: 0.8, to: 4 }] },
      },
      'BAD_USER_INPUT',
      'trainingTransforms.transforms.0.to',
      /0\.1 to 3 ×; got 4/,
    ],
    [
      'covers less than none',
      'implantBackdoor',
      { ...implant, coverRatio: -1 },
      'BAD_USER_INPUT',
      'coverRatio',
      /-1/,
    ],
    [
      'clean images turned as far as BATT’s trigger',
      'implantBackdoor',
      { ...implant, attack: { batt: { cleanAngleDeg: 16 } } },
      'BAD_USER_INPUT',
      'attack.batt.cleanAngleDeg',
      /less than the angle.*16/,
    ],
    [
      'Cézanne without his paintings',
      'implantBackdoor',
      { ...implant, attack: { dfst: { style: 'cezanne' } } },
      'BAD_USER_INPUT',
      'attack.dfst.styleFolder',
      /folder of paintings/,
    ],
    ['no epochs', 'trainModel', { ...model, recipe: { epochs: 0 } }, 'BAD_USER_INPUT', 'recipe.epochs', /0/],
    [
      'too many epochs',
      'trainModel',
      { ...model, recipe: { epochs: 201 } },
      'BAD_USER_INPUT',
      'recipe.epochs',
      /200/,
    ],
    [
      'too large a batch',
      'trainModel',
      { ...model, recipe: { batchSize: 4097 } },
      'BAD_USER_INPUT',
      'recipe.batchSize',
      /4097/,
    ],
    [
      'no learning rate',
      'trainModel',
      { ...model, recipe: { learningRate: 0 } },
      'BAD_USER_INPUT',
      'recipe.learningRate',
      /0/,
    ],
    ['too long a name', 'trainModel', { ...model, name: 'n'.repeat(121) }, 'BAD_USER_INPUT', 'name', /120/],
    ['a name of blanks', 'trainModel', { ...model, name: ' \t ' }, 'BAD_USER_INPUT', 'name', /name/],
    [
      'a seed above 31 bits',
      'trainModel',
      { ...model, seed: -2147483648 },
      'BAD_USER_INPUT',
      'seed',
      /-2147483648/,
    ],
    [
      'a study with too long a name',
      'runStudy',
      { preset: 'smoke', name: 'n'.repeat(121) },
      'BAD_USER_INPUT',
      'name',
      /120/,
    ],
    [
      'a study with a negative seed',
      'runStudy',
      { preset: 'smoke', seed: -1 },
      'BAD_USER_INPUT',
      'seed',
      /-1/,
    ],

    ['no outcomes', 'explain', { outcomeIds: [] }, 'BAD_USER_INPUT', 'outcomeIds', /outcomeIds/],
    [
      'too many outcomes',
      'explain',
      { outcomeIds: Array(101).fill('OUTCOME') },
      'BAD_USER_INPUT',
      'outcomeIds',
      /100/,
    ],
    [
      'an outcome’s id that is none',
      'explain',
      { outcomeIds: ['OUTCOME', 'out_x'] },
      'NOT_FOUND',
      'outcomeIds.1',
      /out_x/,
    ],
    [
      'an outcome that is not there',
      'explain',
      { outcomeIds: ['out_00000000000000000000000000_0'] },
      'NOT_FOUND',
      'outcomeIds.0',
      /out_0/,
    ],
    ['no noisy copies', 'explain', { outcomeIds: ['OUTCOME'], copies: 0 }, 'BAD_USER_INPUT', 'copies', /0/],
    [
      'too much noise',
      'explain',
      { outcomeIds: ['OUTCOME'], noiseLevel: 1.5 },
      'BAD_USER_INPUT',
      'noiseLevel',
      /1\.5/,
    ],

    ['cancelling a job that is none', 'cancelJob', { jobId: 'job_x' }, 'NOT_FOUND', 'jobId', /job_x/],
    ['cancelling what is done', 'cancelJob', { jobId: 'FINISHED_JOB' }, 'CONFLICT', 'jobId', /succeeded/],
    ['retrying a job that is none', 'retryJob', { jobId: '' }, 'NOT_FOUND', 'jobId', /no job/],
    ['retrying what succeeded', 'retryJob', { jobId: 'FINISHED_JOB' }, 'CONFLICT', 'jobId', /succeeded/],
    ['retrying what runs', 'retryJob', { jobId: 'RUNNING_JOB' }, 'CONFLICT', 'jobId', /running/],
  ])('%s', async (_, mutation, input, code, field, message) => {
    await nothingHappens(async () => {
      const { errors, ...entity } = await mutate(mutation, filled(input));
      expect(Object.values(entity)).toEqual([null]);
      expect(errors).toHaveLength(1);
      expect(errors[0].code).toBe(code);
      expect(errors[0].field.join('.')).toBe(field);
      expect(errors[0].message).toMatch(message);
      expect(errors[0].message).not.toMatch(/undefined|\[object|node_modules|\n/);
    });
  });
});

describe('a request that does not fit the schema is refused before anything runs:', () => {
  test.each<[string, Mutation, object, RegExp]>([
    ['two attacks at once', 'implantBackdoor', { ...implant, attack: { badnets: {}, blend: {} } }, /attack/i],
    ['no attack', 'implantBackdoor', { ...implant, attack: {} }, /attack|AttackInput/i],
    [
      'an attack that is null',
      'implantBackdoor',
      { ...implant, attack: { badnets: null } },
      /attack|AttackInput/i,
    ],
    ['an unknown attack', 'implantBackdoor', { ...implant, attack: { badnet: {} } }, /badnet/],
    [
      'an unknown parameter',
      'implantBackdoor',
      { ...implant, attack: { badnets: { patchsize: 5 } } },
      /patchsize/,
    ],
    [
      'a parameter of the wrong type',
      'implantBackdoor',
      { ...implant, attack: { badnets: { patchSizePx: 'five' } } },
      /patchSizePx/,
    ],
    [
      'half a pixel',
      'implantBackdoor',
      { ...implant, attack: { badnets: { patchSizePx: 4.5 } } },
      /patchSizePx/,
    ],
    [
      'an unknown corner',
      'implantBackdoor',
      { ...implant, attack: { badnets: { corner: 'middle' } } },
      /corner/,
    ],
    ['an unknown architecture', 'trainModel', { ...model, architecture: 'vgg' }, /architecture/],
    ['a seed of more than 32 bits', 'trainModel', { ...model, seed: 2 ** 31 }, /seed/],
    ['an unknown transform', 'runSweep', { ...sweep, transform: 'shear' }, /transform/],
    ['an unknown target', 'runSweep', { ...sweep, target: 'BOTH' }, /target/],
    ['no target', 'runSweep', { transform: 'rotation', modelId: 'TROJANED' }, /target/],
    ['a value that is text', 'runSweep', { ...sweep, values: ['15'] }, /values/],
    ['a value that is null', 'runSweep', { ...sweep, values: [null] }, /values/],
    ['an unknown preset', 'runStudy', { preset: 'everything' }, /preset/],
    ['an unknown field', 'runStudy', { preset: 'smoke', samples: 5 }, /samples/],
    ['a job without an id', 'cancelJob', {}, /jobId/],
  ])('%s', async (_, mutation, input, message) => {
    await nothingHappens(async () => {
      const [type, selection] = MUTATIONS[mutation];
      const { status, body } = await server.post({
        query: `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} errors { code } } }`,
        variables: { input: filled(input) },
      });
      expect(status).toBe(400);
      expect(body.data).toBeUndefined();
      expect(body.errors[0].extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/);
      expect(body.errors[0].message).toMatch(message);
    });
  });

  test('two attacks that both exist by their names', async () => {
    // There is one attack so far, so the rule itself is asked for: the type is marked for clients to see.
    const { __type } = await server.query(
      '{ __type(name: "AttackInput") { isOneOf inputFields { name type { kind } } } }',
    );
    expect(__type.isOneOf).toBe(true);
    for (const { type } of __type.inputFields) expect(type.kind).not.toBe('NON_NULL');
  });
});

describe('the same key', () => {
  test('twenty times at once starts one sweep', async () => {
    const before = await counts();
    const input = filled({ ...sweep, values: [0], samples: 1, idempotencyKey: 'twenty' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => mutate('runSweep', input)));
    expect(new Set(answers.map(({ sweep }) => sweep.id)).size).toBe(1);
    const after = await counts();
    expect(after.sweeps.totalCount - before.sweeps.totalCount).toBe(1);
    expect(after.jobs.totalCount - before.jobs.totalCount).toBe(1);
  });

  test('twenty times at once starts one study', async () => {
    const before = await counts();
    // Of another seed than what is there, which would be taken over.
    const input = { preset: 'smoke', seed: 20, idempotencyKey: 'twenty' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => mutate('runStudy', input)));
    expect(new Set(answers.map(({ study }) => study.id)).size).toBe(1);
    const after = await counts();
    expect(after.studies.totalCount - before.studies.totalCount).toBe(1);
    // 2 models, 6 sweeps, 1 job that explains.
    expect(after.jobs.totalCount - before.jobs.totalCount).toBe(10);
  });

  test('after a refusal is still free', async () => {
    const refused = await mutate('runSweep', filled({ ...sweep, values: [999], idempotencyKey: 'again' }));
    expect(refused.errors).toHaveLength(1);
    const started = await mutate(
      'runSweep',
      filled({ ...sweep, values: [1], samples: 1, idempotencyKey: 'again' }),
    );
    expect(started.errors).toEqual([]);
  });

  test('with another input is refused, with the same in other words is not', async () => {
    const input = { ...sweep, values: [2], samples: 1, idempotencyKey: 'other' };
    const first = await mutate('runSweep', filled(input));
    const { values, ...rest } = filled({ ...input, seed: 1 }) as { values: number[] };
    // Other order, a default spelled out, null for what was left out.
    const same = await mutate('runSweep', { eligibility: 'TRUE_LABEL', ...rest, values });
    expect(same.sweep.id).toBe(first.sweep.id);
    const other = await mutate('runSweep', filled({ ...input, values: [3] }));
    expect(other.sweep).toBeNull();
    expect(other.errors).toMatchObject([{ code: 'CONFLICT', field: ['idempotencyKey'] }]);
  });

  test('explains an outcome that is explained already without a new job', async () => {
    const before = await counts();
    const { explanations } = await mutate('explain', filled({ outcomeIds: ['OUTCOME', 'OUTCOME'] }));
    expect(new Set(explanations.map(({ id }: { id: string }) => id)).size).toBe(1);
    expect(await counts()).toEqual(before);
  });
});
