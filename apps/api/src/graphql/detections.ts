import { cornersOf, type Population, rocOf, scoresOf } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { runDetector } from '../jobs/detect.js';
import { start } from '../jobs/start.js';
import { detectionOrder, detectionsWanted, judgedImages } from '../store/detections.js';
import { detectionImageList } from '../store/lists.js';
import { purifiersOfDetection } from '../studies/purifiers.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { inTime } from './deadline.js';
import { listTable } from './lists.js';
import { detectionById, jobById, modelById, statusOf } from './lookups.js';
import { paginate } from './pages.js';
import * as P from './present.js';

@Resolver(() => S.Detection)
export class Detections {
  @Rule('VIEWER')
  @Query(() => S.DetectionConnection, {
    description: 'Detectors tried on models, newest first where no other order is asked for.',
  })
  detections(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.DetectionFilter, { nullable: true, description: 'Which of them.' })
    filter: S.DetectionFilter | null,
    @Arg('orderBy', () => S.DetectionOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.DetectionOrder | null,
    @Ctx() { db }: Context,
  ) {
    const orders = orderBy ? [detectionOrder(orderBy)] : undefined;
    return listTable(db, 'detection', page, P.presentDetection, detectionsWanted(filter), orders);
  }

  @Rule('RUNNER')
  @Mutation(() => S.RunDetectorPayload, {
    description:
      'Queues the trial of a detector: how well it tells trojaned images from clean ones of the same samples, at a trained trojaned model and at the benign one beside it.',
  })
  runDetector(
    @Arg('input', () => S.RunDetectorInput, INPUT) input: S.RunDetectorInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({
      detection: await detectionById(await start(runDetector, input, context), context),
    }));
  }

  @FieldResolver()
  model(@Root() { row }: P.PresentedDetection, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  benign(@Root() { row }: P.PresentedDetection, @Ctx() context: Context) {
    return modelById(row.benign_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedDetection, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedDetection, @Ctx() context: Context) {
    return statusOf(row.job_id, context);
  }
  @FieldResolver()
  measures(
    @Root() detection: P.PresentedDetection,
    @Arg('population', () => S.DetectionPopulation, {
      defaultValue: 'ALL',
      description: 'Which images count.',
    })
    population: Population,
  ) {
    return P.presentMeasures(detection, population, 'measures');
  }
  @FieldResolver()
  benignMeasures(
    @Root() detection: P.PresentedDetection,
    @Arg('population', () => S.DetectionPopulation, {
      defaultValue: 'ALL',
      description: 'Which images count.',
    })
    population: Population,
  ) {
    return P.presentMeasures(detection, population, 'benign');
  }
  @FieldResolver()
  async purifiers(@Root() { row }: P.PresentedDetection, @Ctx() { db, load }: Context) {
    if (!row.summary) return null;
    const { spec } = (await load.model.load(row.model_id))!;
    return (await purifiersOfDetection(db, row, spec.backdoor!.targetLabel)).map(P.presentPurifier);
  }
  @FieldResolver(() => S.DetectionImageConnection, {
    description:
      'The images that were judged, the most trojaned looking first where no other order is asked for.',
  })
  async images(
    @Root() { id, row }: P.PresentedDetection,
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.DetectionImageFilter, { nullable: true, description: 'Which of them.' })
    filter: S.DetectionImageFilter | null,
    @Arg('orderBy', () => S.DetectionImageOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.DetectionImageOrder | null,
    @Ctx() { db, load }: Context,
  ) {
    const { spec } = (await load.model.load(row.model_id))!;
    const list = detectionImageList(db, id, filter, orderBy ?? undefined);
    return paginate(page, list, (image) => P.presentDetectionImage(image, spec));
  }
}

@Resolver(() => S.DetectionImage)
export class DetectionImages {
  @FieldResolver()
  async views(@Root() image: P.PresentedDetectionImage, @Ctx() { inference, deadline }: Context) {
    return P.presentViews(image, await inTime(inference.views(image.id), deadline));
  }
}

@Resolver(() => S.DetectionMeasures)
export class DetectionMeasuresFields {
  @FieldResolver()
  async roc(
    @Root() { detectionId, population, of, trojaned, clean }: P.PresentedMeasures,
    @Ctx() { db, load }: Context,
  ) {
    if (!trojaned || !clean) return [];
    const { model_id } = (await load.detection.load(detectionId))!;
    const { spec } = (await load.model.load(model_id))!;
    const score = of === 'benign' ? 'benignScore' : 'score';
    const images = await judgedImages(db, detectionId);
    const points = rocOf(scoresOf(images, population, spec.backdoor!.targetLabel, score));
    return cornersOf(points).map(({ threshold, truePositives, falsePositives }) => ({
      threshold,
      truePositiveRate: truePositives / trojaned,
      falsePositiveRate: falsePositives / clean,
    }));
  }
}
