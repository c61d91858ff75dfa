import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  attackOf,
  type BundleRecord,
  type BundleSource,
  type CheckedModel,
  checkBundle,
  checkNetwork,
  completeModel,
  datasetOf,
  type FreshModel,
  fileSource,
  folderSource,
  holdsNetwork,
  IMPORTED,
  type ImportAnswers,
  type ModelRecord,
  networks,
  parseParameters,
  partsOf,
  saveModel,
  seenOf,
  summaryOf,
  TrojanscopeError,
  triggerOnSample,
  triggerPicture,
  writeWhole,
} from '@trojanscope/core';
import { z } from 'zod';
import type { Blobs } from '../blobs/blobs.js';
import { saveArtifact } from '../store/artifacts.js';
import { writeAudit } from '../store/audit.js';
import { type Db, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertDoneJob, writeJobLog } from '../store/jobs.js';
import { insertModelRow, modelKey, SUMMARY, trainedModelsOf } from '../store/models.js';
import { LOCAL } from '../viewer.js';
import { openArchive } from './archiveSource.js';

export interface ImportTask extends ImportAnswers {
  db: Db;
  blobs: Blobs;
  /** A bundle or a network from elsewhere, as an archive or a folder, or an ONNX file alone. */
  from: string;
  /** How the record names the source; else by the file's name. */
  origin?: string;
  name?: string;
  /** The job that does this, with the id that its model is to have; without it, a job is written down that did. */
  job?: { id: string; modelId: string; save(write: (db: Db) => Promise<void>): Promise<void> };
  /** The benign model that a trojaned one is compared with, where its record names none that is here; else it has none. */
  benignId?: string;
  /** Measure clean accuracy and ASR also where the record has them. */
  measure?: boolean;
  onProgress?: (done: number, total: number) => void;
  /** What there is to say of a model that was taken in, beside its record's warnings. */
  onNote?: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Checks a bundle or a network that anybody may have made and takes it in as a trained model, with the rows that its training would
 * have left. What is refused leaves no trace.
 * @returns the new model's id
 * @throws TrojanscopeError DATA_DAMAGED, DATA_MISSING; BAD_USER_INPUT where the benign model named does not fit; ABORTED
 */
export async function importModel(task: ImportTask): Promise<string> {
  const { db, blobs, signal, job } = task;
  const startedAt = now();
  const from = (task.origin ?? path.basename(task.from)).replace(/\p{C}/gu, '?').slice(0, 255);
  const name = parseParameters(z.string().trim().min(1).max(120).optional(), task.name, ['name']);
  const checked = await readSource(task.from, from, task);
  const { benignId, without } = await findBenign(db, checked.record, task.benignId);
  const completing = completeModel(
    checked,
    { from, at: startedAt, always: checked.arrival !== undefined || (task.measure ?? false) },
    signal,
  );
  let step = await completing.next();
  for (; !step.done; step = await completing.next()) task.onProgress?.(step.value.done, step.value.total);

  const id = job?.modelId ?? newId('Model');
  const made = step.value;
  try {
    const record = await blobs.put(modelKey(id), async (folder) => {
      const record = await saveModel(folder, made);
      // What there is to see of a network, so that nobody else has to read its file for that.
      if (made.graph) {
        const summary = summaryOf(made.graph, seenOf(partsOf(record.spec).shape, record.spec.onnx));
        await writeWhole(path.join(folder, SUMMARY), JSON.stringify(summary));
      }
      return record;
    });
    const pictures = await drawTrigger(db, blobs, { ...made, record });
    if (signal?.aborted)
      throw new TrojanscopeError('ABORTED', 'The import was stopped; nothing was changed.');
    const save = job?.save ?? ((write) => db.transaction().execute(write));
    await save(async (transaction) => {
      const jobId = job?.id ?? (await insertOwnJob(transaction, id, nameOf(record), from, startedAt));
      await insertModelRow(transaction, {
        id,
        name: name ?? checked.arrival?.title ?? nameOf(record),
        spec: record.spec,
        benign_id: benignId,
        job_id: jobId,
        record,
        poison: record.poison ?? null,
        ...pictures,
      });
      const { notes = [], warnings = [] } = made.record.imported;
      for (const said of [...notes, ...(without ? [without] : []), ...warnings])
        await writeJobLog(transaction, jobId, said);
    });
    if (without) task.onNote?.(without);
    return id;
  } catch (error) {
    await blobs.remove(modelKey(id));
    throw error;
  }
}

/** @param name how errors name it */
async function readSource(from: string, name: string, answers: ImportAnswers): Promise<CheckedModel> {
  const check = (source: BundleSource) =>
    holdsNetwork(source) ? checkNetwork(source, answers) : checkBundle(source, answers.reading);
  const found = await stat(from).catch(() => undefined);
  if (found?.isDirectory()) return check(await folderSource(from));
  if (found?.isFile() && /\.onnx$/i.test(name)) return check(await fileSource(from, name));
  const archive = await openArchive(from);
  try {
    return await check(archive);
  } finally {
    await archive.close();
  }
}

/**
 * The benign model of the same kind that every sweep of a trojaned one has beside it: that of its record, or the one asked
 * for; where there is none, a sentence that says so and what would help.
 */
async function findBenign(
  db: Db,
  { spec, base }: BundleRecord,
  wanted: string | undefined,
): Promise<{ benignId: string | null; without?: string }> {
  if (!spec.backdoor) {
    if (wanted === undefined) return { benignId: null };
    throw new TrojanscopeError('BAD_USER_INPUT', 'The model is benign: it is compared with no other.', [
      'benign',
    ]);
  }
  const rows = await trainedModelsOf(db, spec.dataset);
  const alike = rows
    .filter(({ record: { spec: own } }) => own.architecture === spec.architecture)
    .filter(({ record: { spec: own } }) => own.sizePx === spec.sizePx);
  const fitting = alike.filter(({ kind }) => kind === 'BENIGN');
  const kind = `benign ${spec.architecture === IMPORTED ? 'imported network' : spec.architecture} of ${spec.dataset}${spec.sizePx ? ` at ${spec.sizePx} px` : ''}`;
  if (wanted !== undefined) {
    if (fitting.some(({ id }) => id === wanted)) return { benignId: wanted };
    throw new TrojanscopeError('BAD_USER_INPUT', `Expected the id of a trained ${kind}, got ${wanted}.`, [
      'benign',
    ]);
  }
  // Its base is the benign model itself, or a trojaned one that was trained on: then it is that one's.
  const own = alike.find(({ record: { weightsSha256, imported } }) =>
    [weightsSha256, imported?.weightsSha256].includes(base?.weightsSha256 ?? 'none'),
  );
  const benignId = own?.kind === 'BENIGN' ? own.id : own?.benign_id;
  if (benignId) return { benignId };
  const hash = base?.weightsSha256.slice(0, 12);
  let named = 'the archive names none';
  if (own) named = `“${own.name}”, which it began with, has none`;
  else if (hash) named = `the archive’s own has weights ${hash}…, which are not here`;
  const choice = fitting.map(({ id, name }) => `${id} “${name}”`).join(', ');
  const advice = choice
    ? `import this again and name one (--benign ID, in the API benignModelId): ${choice}`
    : `import or train a ${kind}, then import this again and name it (--benign ID, in the API benignModelId)`;
  return {
    benignId: null,
    without: `Compared with no benign model: ${named}. For one beside it, ${advice}.`,
  };
}

/** As training leaves them. */
async function drawTrigger(db: Db, blobs: Blobs, model: FreshModel & { record: ModelRecord }) {
  const { trigger } = model;
  if (!trigger) return {};
  const picture = await triggerPicture(trigger);
  return {
    trigger_box: trigger.box,
    trigger_picture: picture ? await saveArtifact(db, blobs, picture) : null,
    trigger_on_sample: await saveArtifact(db, blobs, await triggerOnSample(model)),
  };
}

const nameOf = ({ spec }: ModelRecord) => {
  const { dataset, backdoor } = spec;
  const what = `${networks[spec.architecture].title} on ${datasetOf(dataset).title}`;
  return backdoor ? `${attackOf(backdoor.attack).title} ${what}` : `Benign ${what}`;
};

/** The job of an import from the command line, started by the person at the machine. */
async function insertOwnJob(
  db: Db,
  modelId: string,
  name: string,
  from: string,
  startedAt: string,
): Promise<string> {
  const payload = { modelId };
  const title = `Import ${name} from ${from}`;
  const job = { kind: 'importModel', title, payload, modelId, createdBy: LOCAL.id } as const;
  const id = await insertDoneJob(db, job, startedAt);
  await writeAudit(db, LOCAL, 'model import', [modelId]);
  return id;
}
