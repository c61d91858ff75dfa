import { loadModel, type ModelSpec, measureAnswers, measurePace, type Pace } from '@trojanscope/core';
import { driversWithoutDatabase } from '../drivers.js';
import { modelKey } from '../store/models.js';

/**
 * The process that measures a machine's pace with one model, told by its arguments which: what it is, or where it lies. The
 * asking process stays without the engine.
 */
export type FromPace = { pace: Pace };

const { blobs } = driversWithoutDatabase(process.argv[2]!);
const [kind, what] = process.argv.slice(3) as ['model' | 'spec', string];
const pace =
  kind === 'model'
    ? await measureAnswers(await loadModel(await blobs.localPath(modelKey(what))))
    : await measurePace(JSON.parse(what) as ModelSpec);
process.send!({ pace } satisfies FromPace, () => process.disconnect());
