import {
  type AttackId,
  attacks,
  DEFAULT_EXPLANATION,
  type ExplainerId,
  explainedBy,
  explainers,
  explainSettings,
  explainStrip,
  explainSubjects,
  type Model,
  type PickedOutcome,
  pickCompared,
  pickScored,
  pickStory,
  requirePlugins,
  type StripFrame,
  type StripSample,
  TABLE_3,
  TRANSFORM_TARGETS,
  TrojanscopeError,
  transformOf,
  triggerRefusal,
} from '@trojanscope/core';
import { drawStrip } from '@trojanscope/report';
import { compareRequest, explainRequest } from '@trojanscope/schema';
import { z } from 'zod';
import { countExplained } from '../forecast/work.js';
import { saveArtifact } from '../store/artifacts.js';
import type { Db } from '../store/database.js';
import {
  countExplanationsOf,
  deleteExplanations,
  explanationsOfJob,
  insertExplanations,
  insertStrip,
  modelOfOutcome,
  outcomesToPick,
  pointsOfStudy,
  pointWithIdentity,
  saveExplanation,
  strippedSamples,
} from '../store/explanations.js';
import { newId, parseOutcomeId } from '../store/ids.js';
import { deleteJob } from '../store/jobs.js';
import { keptModel } from '../store/models.js';
import { pluginsOfSweep } from '../store/plugins.js';
import { defineJob, type JobContext } from './defineJob.js';
import type { Starter } from './start.js';

const scoredSchema = z.strictObject({
  attack: z.custom<AttackId>((id) => Object.hasOwn(attacks, id as string)),
  wellPredicted: z.int().min(0),
  defeated: z.int().min(0),
  strips: z.int().min(0),
});

/**
 * Explains the outcomes of its explanations that have none yet. A study's job picks its outcomes itself when it starts,
 * because they are not known before its sweeps are done; then come its strips.
 */
export const explainJob = defineJob({
  kind: 'explain',
  /** @param outcomes how many; undefined for a study's handful, which it picks itself */
  title: (outcomes: number | undefined) => {
    if (outcomes === undefined) return 'Explain a handful of decisions';
    return `Explain ${outcomes === 1 ? 'one decision' : `${outcomes} decisions`}`;
  },
  workOf: async (_, job) => ({ explained: countExplained(job.payload) }),
  payload: z.strictObject({
    modelId: z.string(),
    pick: z.int().optional(),
    scored: scoredSchema.optional(),
    /** Whether it explains with every method, of which some may not be able to explain the network. */
    compared: z.boolean().optional(),
  }),
  async run({ modelId, pick, scored, compared }, context) {
    const { job, db, blobs, signal, changed, save, keep } = context;
    let strips: StripSample[] = [];
    if (job.study_id) {
      const points = await pointsOfStudy(db, job.study_id, modelId);
      const outcomesOf = (pointId: string) => outcomesToPick(db, pointId);
      const outcomes = pick ? await pickStory(points, outcomesOf, pick) : [];
      const looked = scored && (await pickScored(points, outcomesOf, scored));
      strips = await missing(db, modelId, looked?.strips ?? []);
      await save({ stage: 'choosing samples' }, async (transaction) => {
        await insertExplanations(transaction, modelId, job.id, [...outcomes, ...(looked?.outcomes ?? [])]);
      });
    }
    const rows = await explanationsOfJob(db, job.id);
    const todo = rows.filter(({ image }) => image === null);
    for (const { settings } of todo) requirePlugins(settings.plugins);
    for (const sweepId of new Set(todo.map(({ sweep_id }) => sweep_id)))
      requirePlugins(await pluginsOfSweep(db, sweepId));
    const total = rows.length + strips.length;
    let done = rows.length - todo.length;
    await save({ stage: 'loading the model', done, total, unit: 'explanations' }, async () => {});
    if (todo.length + strips.length === 0) return;

    const model = await keptModel(db, blobs, modelId);
    // Controls are for what the paper counts: triggers that nothing has moved.
    const unchanged = todo.filter(({ transform, value }) => value === transformOf(transform).identity);
    const benignId = scored ? unchanged[0]?.benign_id : undefined;
    const control = benignId == null ? benignId : await keptModel(db, blobs, benignId);
    if (compared) await explainByEach();
    else {
      await explainAll(unchanged, control);
      await explainAll(todo.filter((row) => !unchanged.includes(row)));
    }
    for (const sample of strips) {
      const strip = await makeStrip(model, sample, context);
      done++;
      await keep({ stage: 'drawing strips', done, total, unit: 'explanations' }, async (transaction) => {
        await insertStrip(transaction, {
          ...strip,
          model_id: modelId,
          sample_index: sample.sampleIndex,
          job_id: job.id,
        });
      });
    }

    async function explainAll(subjects: typeof todo, control?: Model | null): Promise<void> {
      if (subjects.length === 0) return;
      let at = 0;
      const explaining = explainSubjects(model, subjects, { signal, benign: control });
      for await (const made of explaining) {
        const { image, saliency, overlay, score, explainedLabel, controls } = made;
        const { faithfulness = null, completenessError = null } = made;
        const { id } = subjects[at++]!;
        done++;
        const pictures = {
          image: await saveArtifact(db, blobs, image),
          saliency: await saveArtifact(db, blobs, saliency),
          overlay: await saveArtifact(db, blobs, overlay),
        };
        const scores = score && { ...score, controls };
        await keep({ stage: 'explaining', done, total, unit: 'explanations' }, (transaction) =>
          saveExplanation(transaction, id, {
            ...pictures,
            score: scores,
            measures: { faithfulness, completenessError },
            explained_label: explainedLabel,
          }),
        );
        changed('Explanation', id);
      }
    }

    /** What a method cannot explain is left out of the comparison. */
    async function explainByEach(): Promise<void> {
      for (const method of new Set(todo.map(({ settings }) => settings.method))) {
        const own = todo.filter(({ settings }) => settings.method === method);
        try {
          await explainAll(own);
        } catch (error) {
          if (!(error instanceof TrojanscopeError && error.code === 'UNSUPPORTED')) throw error;
          done += own.length;
          await keep({ stage: 'explaining', done, total, unit: 'explanations' }, (transaction) =>
            deleteExplanations(
              transaction,
              own.map(({ id }) => id),
            ),
          );
        }
      }
    }
  },
});

/** Explanations, one for each outcome; those that exist with the same settings are reused. */
export const explain: Starter<typeof explainRequest> = {
  mutation: 'explain',
  request: explainRequest,
  makes: 'Explanation',
  check({ outcomeIds, idempotencyKey: _, ...asked }, by) {
    const settings = explainSettings(asked);
    const none = (i: number) =>
      new TrojanscopeError('NOT_FOUND', `There is no outcome ${outcomeIds[i]}.`, ['outcomeIds', i]);
    const outcomes = outcomeIds.map((id, i): PickedOutcome => {
      const outcome = parseOutcomeId(id);
      if (!outcome) throw none(i);
      return outcome;
    });
    return async (tx) => {
      const models = new Set<string>();
      for (const [i, outcome] of outcomes.entries()) {
        const modelId = await modelOfOutcome(tx, outcome);
        if (!modelId) throw none(i);
        models.add(modelId);
      }
      if (models.size > 1) {
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          'outcomeIds: expected outcomes of one model; got several.',
          ['outcomeIds'],
        );
      }
      const [modelId] = models as unknown as [string];
      const id = newId('Job');
      // The job's row comes first, for the rows that point to it; it stays only if it has something to do.
      await explainJob.queue(tx, outcomes.length, { modelId }, { id, modelId, createdBy: by.id });
      const explanations = await insertExplanations(tx, modelId, id, outcomes, settings);
      if ((await countExplanationsOf(tx, id)) === 0) await deleteJob(tx, id);
      return explanations;
    };
  },
};

/** Every method with its defaults over the same samples, untransformed and at a point that brings their label back. */
export const compareExplainers: Starter<typeof compareRequest> = {
  mutation: 'compareExplainers',
  request: compareRequest,
  makes: 'Point',
  check:
    ({ pointId, samples }, by) =>
    async (tx) => {
      const refused = (message: string) =>
        new TrojanscopeError('BAD_USER_INPUT', `pointId: ${message}`, ['pointId']);
      const place = await pointWithIdentity(tx, pointId);
      if (!place) throw new TrojanscopeError('NOT_FOUND', `There is no point ${pointId}.`, ['pointId']);
      const { modelId, identityId, isIdentity, identity } = place;
      if (isIdentity)
        throw refused('expected a point that transforms something; at the identity no trigger is defeated.');
      if (!identityId)
        throw refused(
          `expected a sweep that has the untransformed images too, at ${identity}; run one with it.`,
        );
      const positions = pickCompared(await outcomesToPick(tx, pointId), samples);
      if (positions.length < 2)
        throw refused(
          `expected at least two samples that fire untransformed and whose true label comes back here; there ${positions.length === 1 ? 'is one' : 'are none'}. Choose a point that defeats the trigger.`,
        );
      const id = newId('Job');
      const methods = Object.keys(explainers) as ExplainerId[];
      await explainJob.queue(
        tx,
        2 * methods.length * positions.length,
        { modelId, compared: true },
        { id, modelId, createdBy: by.id },
      );
      const outcomes = [identityId, pointId].flatMap((at) =>
        positions.map((position) => ({ pointId: at, position })),
      );
      for (const method of methods) await insertExplanations(tx, modelId, id, outcomes, explainedBy(method));
      if ((await countExplanationsOf(tx, id)) === 0) await deleteJob(tx, id);
      return [pointId];
    },
};

/** A strip shows no margin: those from before there was one are not drawn anew. */
const STRIP_EXPLANATION = { ...DEFAULT_EXPLANATION, margin: 0 };

/** Fig. 5 for one sample: clean, trojaned, and as each configuration of Table 3 leaves it. */
async function makeStrip(model: Model, sample: StripSample, { db, blobs, signal }: JobContext) {
  const refused = triggerRefusal(model.record.spec.backdoor!.attack) !== null;
  const settings = TRANSFORM_TARGETS.filter((target) => target === 'IMAGE' || !refused).flatMap((target) =>
    TABLE_3.map((setting) => ({ ...setting, target })),
  );
  const frames: StripFrame[] = [];
  const options = { place: sample, signal };
  for await (const frame of explainStrip(model, sample.sampleIndex, settings, STRIP_EXPLANATION, options))
    frames.push(frame);
  return {
    settings: STRIP_EXPLANATION,
    picture: await saveArtifact(db, blobs, await drawStrip(frames)),
    frames: frames.map(({ subject, predictedLabel, explainedLabel, score }) => ({
      subject,
      predictedLabel,
      explainedLabel,
      score,
    })),
  };
}

/** Those that were not drawn before. */
async function missing(db: Db, modelId: string, samples: StripSample[]): Promise<StripSample[]> {
  const drawn = await strippedSamples(db, modelId, STRIP_EXPLANATION);
  return samples.filter(({ sampleIndex }) => !drawn.includes(sampleIndex));
}
