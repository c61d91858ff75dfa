import { asSpec, type CheckedModel } from './bundle.js';
import type { ImportNote } from './bundleRecord.js';
import type { FreshModel } from './makeModel.js';
import { type MeasuringProgress, measureModel } from './measureModel.js';
import type { ModelRecord } from './model.js';

/**
 * A checked model with all that a trained one has: what the record does not say of clean accuracy and ASR is measured,
 * nothing is made up.
 * @param always measure also what the record says
 */
export async function* completeModel(
  checked: CheckedModel,
  { always = false, ...note }: Pick<ImportNote, 'from' | 'at'> & { always?: boolean },
  signal?: AbortSignal,
): AsyncGenerator<MeasuringProgress, FreshModel> {
  const { record, weights, trigger, reordered } = checked;
  const measured = always || !record.clean || (record.spec.backdoor !== undefined && !record.asr);
  const counts = measured
    ? yield* measureModel({ spec: asSpec(record.spec), weights, trigger }, signal)
    : { clean: record.clean, asr: record.asr };
  // Whoever was trained from it names it by the file that came.
  const came = reordered ? { weightsSha256: record.weightsSha256 } : {};
  const complete: CheckedModel['record'] = { ...record, ...counts, imported: { ...note, measured, ...came } };
  // Of a model trained elsewhere, recipe and duration are not known; both are only shown.
  return { record: complete as ModelRecord, weights, trigger };
}
