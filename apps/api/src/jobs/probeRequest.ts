import {
  checkTransformValue,
  explainSettings,
  type ProbeRequest,
  parseParameters,
  probeRequest as request,
  TrojanscopeError,
  withoutNulls,
} from '@trojanscope/core';
import type { ProbeInput } from '@trojanscope/schema';

/** What a probe asks for, checked. @throws TrojanscopeError BAD_USER_INPUT */
export function probeRequest(given: ProbeInput): ProbeRequest {
  const { modelId: _, transform: setting, ...probe } = parseParameters(request, withoutNulls(given));
  if (setting) checkTransformValue(setting.transform, setting.value, ['transform', 'value']);
  if (probe.untrained && !probe.explain)
    throw new TrojanscopeError('BAD_USER_INPUT', 'untrained: expected `explain` too, which says how.', [
      'untrained',
    ]);
  return { ...probe, setting, explain: probe.explain && explainSettings(probe.explain, ['explain']) };
}
