import { isDeepStrictEqual } from 'node:util';
import { transformOf } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { compareExplainers, explain } from '../jobs/explain.js';
import { start, startAll } from '../jobs/start.js';
import { explanationsWanted } from '../store/explanations.js';
import { differenceId } from '../store/ids.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { changedJob } from './jobs.js';
import { listTable } from './lists.js';
import {
  explanationById,
  jobById,
  modelById,
  outcomeByPlace,
  pointById,
  specOfPoint,
  statusOf,
} from './lookups.js';
import * as P from './present.js';
import { presentLabel } from './presentCatalog.js';

@Resolver(() => S.Explanation)
export class Explanations {
  @Rule('VIEWER')
  @Query(() => S.ExplanationConnection, { description: 'Explanations, newest first.' })
  explanations(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.ExplanationFilter, { nullable: true, description: 'Which of them.' })
    filter: S.ExplanationFilter | null,
    @Ctx() { db }: Context,
  ) {
    return listTable(db, 'explanation', page, P.presentExplanation, explanationsWanted(filter));
  }

  @Rule('RUNNER')
  @Mutation(() => S.ExplainPayload, { description: 'Queues explanations of outcomes.' })
  explain(@Arg('input', () => S.ExplainInput, INPUT) input: S.ExplainInput, @Ctx() context: Context) {
    return answer(async () => {
      const ids = await startAll(explain, input, context);
      const explanations = await Promise.all(ids.map((id) => explanationById(id, context)));
      // Those that were there are another job's.
      for (const id of new Set(explanations.map((one) => one!.row.job_id))) await changedJob(id, context);
      return { explanations };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.CompareExplainersPayload, {
    description:
      'Queues explanations by every method, of samples that fire untransformed and of the same at a point that defeats the trigger; those that exist are used.',
  })
  compareExplainers(
    @Arg('input', () => S.CompareExplainersInput, INPUT) input: S.CompareExplainersInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({
      point: await pointById(await start(compareExplainers, input, context), context),
    }));
  }

  @FieldResolver()
  model(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    // A job explains many: one is done as soon as its own pictures are there.
    return row.image ? 'SUCCEEDED' : statusOf(row.job_id, context);
  }
  @FieldResolver()
  outcome(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return outcomeByPlace(row.point_id, row.position, context);
  }
  @FieldResolver()
  async sample(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return (await outcomeByPlace(row.point_id, row.position, context))?.sample;
  }
  @FieldResolver()
  async explainedLabel(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    if (row.explained_label === null) return null;
    const { dataset } = await specOfPoint(row.point_id, context);
    return presentLabel(dataset, row.explained_label);
  }
  @FieldResolver()
  image(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.image, context);
  }
  @FieldResolver()
  saliency(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.saliency, context);
  }
  @FieldResolver()
  overlay(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.overlay, context);
  }
  @FieldResolver()
  async difference(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    if (row.saliency === null) return null;
    const { sweep_id } = (await context.load.point.load(row.point_id))!;
    const { transform } = (await context.load.sweep.load(sweep_id))!;
    const points = await context.load.pointsOfSweep.load(sweep_id);
    const identity = points.find(({ value }) => value === transformOf(transform).identity);
    if (!identity || identity.id === row.point_id) return null;
    const before = await context.load.explanationsOfOutcome.load(`${identity.id}/${row.position}`);
    const from = before.find(
      ({ settings, saliency }) => isDeepStrictEqual(settings, row.settings) && saliency !== null,
    );
    return from
      ? P.picture(`/artifacts/${differenceId(row.id, from.id)}`, await sizeOf(row.saliency, context))
      : null;
  }
}

async function imageById(id: string | null, { load }: Context) {
  const row = id ? await load.artifact.load(id) : null;
  return row && P.presentArtifact(row);
}

const sizeOf = async (artifactId: string, { load }: Context) => (await load.artifact.load(artifactId))!;
