import { checkTransformValue, type ProbeRequest, TrojanscopeError } from '@trojanscope/core';
import type { ProbeInput } from '@trojanscope/schema';
import { z } from 'zod';
import { check, seedSchema } from './checks.js';
import { settingsSchema } from './startExplain.js';

/** What a probe asks for, checked. @throws TrojanscopeError BAD_USER_INPUT */
export function probeRequest(input: ProbeInput): ProbeRequest {
  const { sampleIndex, trigger, transform, seed, explain, untrained } = input;
  if (transform) checkTransformValue(transform.transform, transform.value, ['transform', 'value']);
  if (untrained && !explain)
    throw new TrojanscopeError('BAD_USER_INPUT', 'untrained: expected `explain` too, which says how.', [
      'untrained',
    ]);
  return {
    sampleIndex: check(z.int().min(0), sampleIndex, 'sampleIndex'),
    trigger,
    setting: transform && { ...transform },
    seed: check(seedSchema, seed, 'seed'),
    explain: explain && check(settingsSchema, explain, 'explain'),
    untrained,
  };
}
