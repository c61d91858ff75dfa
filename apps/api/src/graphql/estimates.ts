import {
  architectures,
  detectionParameters,
  MAX_VALUES,
  ownArchitecture,
  parseParameters,
  recipeSchema,
  type StudyPresetId,
  sweepParameters,
  TrojanscopeError,
  withoutNulls,
} from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import { Rule } from '../auth/rules.js';
import { estimateStudy } from '../forecast/estimate.js';
import { estimateDetection, estimateSweep, estimateTraining } from '../forecast/estimates.js';
import { check, datasetInCatalog, trainable } from '../jobs/checks.js';
import { chosenDetector } from '../jobs/detect.js';
import { rehearseStudy } from '../jobs/study.js';
import { workOfRehearsed } from '../jobs/work.js';
import { viewerOf } from '../viewer.js';
import type { Context } from './context.js';

const sizesSchema = z.object({
  values: z.int().min(1).max(MAX_VALUES),
  samples: sweepParameters.shape.samples,
});

/** What work would cost in time, before it is started. */
@Resolver()
export class EstimateQueries {
  @Rule('VIEWER')
  @Query(() => S.Estimate, {
    description: 'How long a training, or an implant with an attack, would take here.',
  })
  estimateTraining(
    @Arg('dataset', () => ID, { description: 'The data set.' }) dataset: string,
    @Arg('architecture', () => S.ArchitectureId, { description: 'The network.' })
    architecture: keyof typeof S.ArchitectureId,
    @Arg('sizePx', () => Int, { nullable: true, description: 'Side that images are resized to.' })
    sizePx: number | null,
    @Arg('epochs', () => Int, { nullable: true, description: 'The network’s own number when left out.' })
    epochs: number | null,
    @Arg('attack', () => S.AttackId, { nullable: true, description: 'None for a benign model.' })
    attack: keyof typeof S.AttackId | null,
    @Ctx() { db }: Context,
  ) {
    return estimateTraining(db, {
      dataset: trainable(datasetInCatalog(dataset)),
      architecture,
      sizePx: sizePx ?? null,
      epochs: check(
        recipeSchema.shape.epochs,
        epochs ?? architectures[ownArchitecture({ architecture })].recipes.SCRATCH.epochs,
        'epochs',
      ),
      attack: attack ?? null,
    });
  }

  @Rule('VIEWER')
  @Query(() => S.Estimate, { description: 'How long a sweep of a model would take here.' })
  estimateSweep(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Arg('values', () => Int, { description: 'How many values, 1 to 100.' }) values: number,
    @Arg('samples', () => Int, { description: 'Samples at each, 1 to 10,000.' }) samples: number,
    @Ctx() { db }: Context,
  ) {
    return estimateSweep(db, { modelId, ...parseParameters(sizesSchema, { values, samples }) });
  }

  @Rule('VIEWER')
  @Query(() => S.Estimate, { description: 'How long the trial of a detector on a model would take here.' })
  estimateDetection(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Arg('detector', () => S.DetectorInput, { description: 'The detector.' }) detector: S.DetectorInput,
    @Arg('samples', () => Int, { description: 'Samples, 20 to 10,000.' }) samples: number,
    @Ctx() { db }: Context,
  ) {
    check(detectionParameters.shape.samples, samples, 'samples');
    return estimateDetection(db, { modelId, samples, ...chosenDetector(withoutNulls(detector)) });
  }

  @Rule('VIEWER')
  @Query(() => S.Estimate, {
    description: 'How long what is not done yet of a study would take here, and how much that is.',
  })
  async estimateStudy(
    @Arg('preset', () => S.StudyPresetId, { nullable: true, description: 'The preset.' })
    preset: StudyPresetId | null,
    @Arg('seed', () => Int, { defaultValue: 1, description: 'The first seed.' }) seed: number,
    @Arg('seeds', () => Int, { defaultValue: 1, description: 'How many seeds, 1 to 20.' }) seeds: number,
    @Arg('sizePx', () => Int, { nullable: true, description: 'Side that images are resized to.' })
    sizePx: number | null,
    @Arg('document', () => String, {
      nullable: true,
      description: 'Instead of a preset, a study’s document.',
    })
    document: string | null,
    @Ctx() context: Context,
  ) {
    try {
      const given = {
        preset: preset ?? undefined,
        document: document ?? undefined,
        ...{ seed, seeds, sizePx: sizePx ?? undefined },
      };
      const { db } = context;
      const rehearsed = await rehearseStudy(db, given, viewerOf(context));
      return await estimateStudy(db, await workOfRehearsed(db, rehearsed));
    } catch (error) {
      if (!(error instanceof TrojanscopeError) || error.code !== 'DATA_MISSING') throw error;
      return { seconds: null, measured: 0, basis: error.message };
    }
  }
}
