import { type ExplainSettings, explainSubjects } from '@trojanscope/core';
import { z } from 'zod';
import { saveArtifact } from '../store/artifacts.js';
import { insertExplanations, pickForStudy } from '../store/explanations.js';
import { loadModelById } from '../store/models.js';
import { defineJob } from './defineJob.js';

/**
 * Explains the outcomes of its explanations that have none yet. A study's job picks its outcomes itself when it starts,
 * because they are not known before its sweeps are done.
 */
export const explainJob = defineJob({
  kind: 'explain',
  payload: z.strictObject({ modelId: z.string(), pick: z.int().optional() }),
  async run({ modelId, pick }, { job, db, dataFolder, signal, changed, save, keep }) {
    if (pick && job.study_id) {
      const outcomes = await pickForStudy(db, job.study_id, modelId, pick);
      await save({ stage: 'choosing samples' }, async (transaction) => {
        await insertExplanations(transaction, modelId, job.id, outcomes);
      });
    }
    const rows = await db
      .selectFrom('explanation')
      .innerJoin('point', 'point.id', 'explanation.point_id')
      .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
      .innerJoin('outcome', (join) =>
        join
          .onRef('outcome.point_id', '=', 'explanation.point_id')
          .onRef('outcome.position', '=', 'explanation.position'),
      )
      .select([
        'explanation.id',
        'explanation.position',
        'explanation.settings',
        'explanation.image',
        'point.value',
        'sweep.transform',
        'sweep.target',
        'sweep.samples',
        'sweep.seed',
        'outcome.sample_index as sampleIndex',
      ])
      .where('explanation.job_id', '=', job.id)
      .orderBy('explanation.id')
      .execute();
    const todo = rows.filter(({ image }) => image === null);
    const total = rows.length;
    let done = total - todo.length;
    await save({ stage: 'loading the model', done, total, unit: 'explanations' }, async () => {});
    if (todo.length === 0) return;

    const model = await loadModelById(db, dataFolder, modelId);
    // All explanations of a job were asked for together, so they share their settings.
    const settings = JSON.parse(todo[0]!.settings) as ExplainSettings;
    for await (const { image, saliency, overlay, score, explainedLabel } of explainSubjects(
      model,
      todo,
      settings,
      signal,
    )) {
      const { id } = todo[done - (total - todo.length)]!;
      done++;
      const pictures = {
        image: await saveArtifact(db, dataFolder, image),
        saliency: await saveArtifact(db, dataFolder, saliency),
        overlay: await saveArtifact(db, dataFolder, overlay),
      };
      await keep({ stage: 'explaining', done, total, unit: 'explanations' }, async (transaction) => {
        await transaction
          .updateTable('explanation')
          .set({ ...pictures, score: JSON.stringify(score), explained_label: explainedLabel })
          .where('id', '=', id)
          .execute();
      });
      changed('Explanation', id);
    }
  },
});
