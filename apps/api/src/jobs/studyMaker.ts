import {
  type DetectionSpec,
  detectorOf,
  type ModelSpec,
  type ScoredExplanations,
  type SweepSpec,
} from '@trojanscope/core';
import { countExplained, type Work } from '../forecast/work.js';
import type { Db } from '../store/database.js';
import { detectionKey, usableDetections } from '../store/detections.js';
import { modelKeyOf, usableModels } from '../store/models.js';
import { sweepKey, usableSweeps } from '../store/sweeps.js';
import { detectionAmount, insertDetection } from './detect.js';
import { explainJob } from './explain.js';
import { insertModel } from './model.js';
import { insertSweep, sweepAmount } from './sweep.js';

/** What makes the parts of a study that are not there: for good, or as what they would be. */
export interface StudyMaker {
  /** @param variant in what it differs from others beside it, in words */
  model(spec: ModelSpec, benign: Made | null, variant: string): Promise<Made>;
  sweep(sweep: SweepSpec, of: Subject): Promise<string>;
  detection(detection: DetectionSpec, of: Subject): Promise<string>;
  explanation(payload: Picks, of: Subject, sweepJobs: string[]): Promise<string>;
}
export interface Made {
  id: string;
  jobId: string;
}
/** A trojaned model that is looked at. */
export interface Subject {
  spec: ModelSpec;
  modelId: string;
  benignId: string | null;
  /** Jobs that come before. */
  needs: string[];
}
interface Picks {
  pick: number;
  scored?: ScoredExplanations;
}

/** Into the database. */
export const inserting = (tx: Db, created: { studyId: string; createdBy: string }): StudyMaker => ({
  model: (spec, benign, variant) => {
    const beside = benign && { benignId: benign.id, needs: [benign.jobId] };
    return insertModel(tx, spec, { ...created, ...beside, variant });
  },
  sweep: async (sweep, { modelId, benignId, needs }) =>
    (await insertSweep(tx, { ...sweep, modelId, benignId }, { ...created, needs })).jobId,
  detection: async (detection, { modelId, benignId, needs }) =>
    (await insertDetection(tx, { ...detection, modelId, benignId }, { ...created, needs })).jobId,
  explanation: (picks, { modelId }, needs) =>
    explainJob.queue(tx, undefined, { modelId, ...picks }, { modelId, ...created, needs }),
});

/** Nothing is written: thousands of jobs are counted in the time in which dozens are. @param work what they would be is added to it */
export function weighing(work: Work[]): StudyMaker {
  const add = (kind: Work['kind'], spec: ModelSpec, modelId: string, amount: Partial<Work> = {}) => {
    const jobId = `new ${work.length + 1}`;
    work.push({ jobId, kind, spec, modelId, left: 1, classified: 0, outcomes: 0, explained: 0, ...amount });
    return jobId;
  };
  return {
    async model(spec) {
      const id = `new model ${work.length + 1}`;
      return { id, jobId: add('model', spec, id) };
    },
    sweep: async (sweep, { spec, modelId, benignId }) =>
      add('sweep', spec, modelId, sweepAmount(sweep, benignId !== null)),
    async detection({ detector, parameters, samples }, { spec, modelId, benignId }) {
      const queries = detectorOf(detector).views(parameters).length;
      return add('detect', spec, modelId, detectionAmount(queries, samples, benignId !== null));
    },
    explanation: async (picks, { spec, modelId }) =>
      add('explain', spec, modelId, { explained: countExplained({ ...picks }) }),
  };
}

/**
 * The same, but that what is there, done or under way, is taken over: the newest of the same specification. All models of a
 * data set are read at once and all that was done with one, whatever a study asks about them.
 */
export function takingOver(db: Db, maker: StudyMaker): StudyMaker {
  const models = new Map<string, Promise<Map<string, Made>>>();
  const sweeps = new Map<string, Promise<Map<string, string>>>();
  const detections = new Map<string, Promise<Map<string, string>>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const found = known.get(key) ?? read();
    known.set(key, found);
    return found;
  };
  const orMade = async <T>(known: Map<string, T>, key: string, make: () => Promise<T>): Promise<T> => {
    const found = known.get(key) ?? (await make());
    known.set(key, found);
    return found;
  };
  return {
    ...maker,
    async model(spec, benign, variant) {
      const there = await once(models, spec.dataset, () => usableModels(db, spec.dataset));
      return orMade(there, modelKeyOf(spec, benign?.id ?? null), async () => {
        const made = await maker.model(spec, benign, variant);
        // Nothing was done with it yet.
        for (const known of [sweeps, detections]) known.set(made.id, Promise.resolve(new Map()));
        return made;
      });
    },
    async sweep(sweep, of) {
      const there = await once(sweeps, of.modelId, () => usableSweeps(db, of.modelId));
      return orMade(there, sweepKey(sweep, of.benignId), () => maker.sweep(sweep, of));
    },
    async detection(detection, of) {
      const there = await once(detections, of.modelId, () => usableDetections(db, of.modelId));
      return orMade(there, detectionKey(detection), () => maker.detection(detection, of));
    },
  };
}
