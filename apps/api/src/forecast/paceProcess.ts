import { type ModelSpec, measurePace, type Pace } from '@trojanscope/core';
import { driversWithoutDatabase } from '../drivers.js';

/** The process that measures a machine's pace with one model, told by its arguments which: the asking process stays without the engine. */
export type FromPace = { pace: Pace };

driversWithoutDatabase(process.argv[2]!);
const pace = await measurePace(JSON.parse(process.argv[3]!) as ModelSpec);
process.send!({ pace } satisfies FromPace, () => process.disconnect());
