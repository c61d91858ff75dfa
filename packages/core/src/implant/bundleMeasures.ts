import { asSpec, type CheckedModel } from './bundle.js';
import type { ImportNote } from './bundleRecord.js';
import { diagnose } from './diagnose.js';
import { doubtAsr } from './importTrigger.js';
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
  const { record, weights, graph, trigger, came, files, arrival } = checked;
  const spec = asSpec(record.spec);
  const measured = always || !record.clean || (record.spec.backdoor !== undefined && !record.asr);
  const counts = measured
    ? yield* measureModel({ spec, network: networkOf({ record: { spec }, graph }), weights, trigger }, signal)
    : { clean: record.clean, asr: record.asr };
  const asrDoubt =
    measured && counts.asr && arrival?.asr !== undefined ? doubtAsr(counts.asr, arrival.asr) : undefined;
  const warnings = [
    ...(await diagnose(checked, measured ? counts.clean : undefined, signal)),
    ...(asrDoubt ? [asrDoubt] : []),
    ...(arrival?.warnings ?? []),
  ];
  const rearranged = [
    ...(came?.order ? ['outputs' as const] : []),
    ...(came?.bgr ? ['channels' as const] : []),
  ];
  const imported: ImportNote = {
    ...note,
    measured,
    // Models trained from it name it by the file that came.
    ...((rearranged.length > 0 || arrival) && { weightsSha256: arrival?.sha256 ?? record.weightsSha256 }),
    ...(rearranged.length > 0 && { rearranged }),
    ...(arrival?.externals && { externals: arrival.externals }),
    ...(arrival?.verified && { verified: arrival.verified }),
    ...(arrival && arrival.notes.length > 0 && { notes: arrival.notes }),
    ...(warnings.length > 0 && { warnings }),
  };
  // Of a model trained elsewhere, recipe and duration are not known; both are only shown.
  const complete = { ...record, ...counts } as ModelRecord;
  return {
    record: { ...complete, imported },
    weights,
    trigger,
    ...(graph && { graph }),
    ...(files && { files }),
  };
}
