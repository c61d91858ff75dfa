import { asSpec, type CheckedModel } from './bundle.js';
import type { ImportNote } from './bundleRecord.js';
import { diagnose } from './diagnose.js';
import type { FreshModel } from './makeModel.js';
import { type MeasuringProgress, measureModel } from './measureModel.js';
import { type ModelRecord, networkOf } from './model.js';

/**
 * A checked model with all that a trained one has: what the record does not say of clean accuracy and ASR is measured,
 * nothing is made up; and what there is to doubt in either is noted.
 * @param always measure also what the record says
 */
export async function* completeModel(
  checked: CheckedModel,
  { always = false, ...note }: Pick<ImportNote, 'from' | 'at'> & { always?: boolean },
  signal?: AbortSignal,
): AsyncGenerator<MeasuringProgress, FreshModel & { record: { imported: ImportNote } }> {
  const { record, weights, graph, trigger, came } = checked;
  const spec = asSpec(record.spec);
  const measured = always || !record.clean || (record.spec.backdoor !== undefined && !record.asr);
  const counts = measured
    ? yield* measureModel({ spec, network: networkOf({ record: { spec }, graph }), weights, trigger }, signal)
    : { clean: record.clean, asr: record.asr };
  const warnings = await diagnose(checked, measured ? counts.clean : undefined, signal);
  const rearranged = [
    ...(came?.order ? ['outputs' as const] : []),
    ...(came?.bgr ? ['channels' as const] : []),
  ];
  const imported: ImportNote = {
    ...note,
    measured,
    // Models trained from it name it by the file that came.
    ...(rearranged.length > 0 && { weightsSha256: record.weightsSha256, rearranged }),
    ...(warnings.length > 0 && { warnings }),
  };
  // Of a model trained elsewhere, recipe and duration are not known; both are only shown.
  const complete = { ...record, ...counts } as ModelRecord;
  return { record: { ...complete, imported }, weights, trigger };
}
