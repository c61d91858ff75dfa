import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { probeRequest } from '../jobs/probeRequest.js';
import { runningJob } from '../store/jobs.js';
import type { Context } from './context.js';
import { inTime } from './deadline.js';
import { modelById } from './lookups.js';
import * as P from './present.js';

@Resolver()
export class Probe {
  @Rule('VIEWER')
  @Query(() => S.Probe, {
    description:
      'One sample through one model, with or without trigger, under one transform. Nothing is stored.',
  })
  async probe(
    @Arg('input', () => S.ProbeInput, { description: 'What to look at.' }) input: S.ProbeInput,
    @Ctx() context: Context,
  ) {
    const from = performance.now();
    const model = await modelById(input.modelId, context);
    if (!model) throw new TrojanscopeError('NOT_FOUND', `There is no model ${input.modelId}.`, ['modelId']);
    const result = await inTime(
      context.inference.probe(input.modelId, probeRequest(input)),
      context.deadline,
    );
    const running = await runningJob(context.db);
    return {
      ...P.presentProbe(model, result),
      seconds: (performance.now() - from) / 1000,
      besides: running ? P.presentJob(running) : null,
    };
  }
}
