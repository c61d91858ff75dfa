import path from 'node:path';
import type {
  Box,
  BundleRecord,
  DetectionSummary,
  DetectorId,
  Eligibility,
  ErrorCode,
  ExplainSettings,
  Faithfulness,
  ImageKind,
  ModelRecord,
  ModelSpec,
  OutcomeKind,
  Pace,
  PointCounts,
  PoisonCount,
  RangeTrial,
  SaliencyScore,
  StripSubject,
  StudyDocument,
  StudyModel,
  StudyOptions,
  TransformId,
  TransformTarget,
} from '@trojanscope/core';
import { TrojanscopeError } from '@trojanscope/core';
import type { JobKind, JobStatus, Role, TokenScope, UploadKind } from '@trojanscope/schema';
import Database from 'better-sqlite3';
import {
  type ColumnType,
  CompiledQuery,
  type DatabaseConnection,
  type Generated,
  type GeneratedAlways,
  Kysely,
  type KyselyPlugin,
  Migrator,
  OperationNodeTransformer,
  type PrimitiveValueListNode,
  type Selectable,
  SelectQueryNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  sql,
  type ValueNode,
} from 'kysely';
import { ConfigurationError, DATABASE, makeFolder, prepareDataFolder, refusalToUse } from './dataFolder.js';
import { migrations } from './migrations/index.js';
import { rememberReads } from './reads.js';

export type Status = keyof typeof JobStatus;

/** What people add to a model, sweep, study or detection. */
export interface Curation {
  notes: Generated<string>;
  tags: OptionalJson<string[]>;
  locked: Generated<number>;
  /** When it went to the trash. */
  deleted_at: Generated<string | null>;
}

/** JSON in a column of text (`JSON_COLUMNS`): nobody else sees the text. */
type Json<T> = ColumnType<T, T, T>;
/** One that may be left out. */
type OptionalJson<T> = ColumnType<T, T | undefined, T>;

/** The tables as they are read. */
export interface Tables {
  study: {
    id: string;
    name: string;
    preset: string;
    /** The first of its seeds. */
    seed: number;
    /** What was chosen of the preset; nothing for studies from before there was a choice. */
    options: OptionalJson<Partial<StudyOptions>>;
    /** Nothing for studies from before there were documents: what the preset says with the options. */
    document: OptionalJson<StudyDocument>;
    created_at: string;
  } & Curation;
  /** The jobs that a study consists of, in order, those of others that it takes over included. */
  study_job: { study_id: string; place: number; job_id: string };
  job: JobTable;
  job_need: { job_id: string; needs_id: string };
  /** Lines are numbered from 1 in each job. */
  job_log: {
    job_id: string;
    line: number;
    attempt: number;
    at: string;
    text: string;
    /** A user's id, `local` or `server`, where somebody did it. */
    by_id: string | null;
  };
  model: {
    id: string;
    name: string;
    kind: 'BENIGN' | 'TROJANED';
    dataset: string;
    attack: string | null;
    spec: Json<ModelSpec>;
    benign_id: string | null;
    job_id: string;
    record: OptionalJson<StoredRecord | null>;
    poison: OptionalJson<PoisonCount | null>;
    trigger_box: OptionalJson<Box | null>;
    trigger_picture: string | null;
    trigger_on_sample: string | null;
    created_at: string;
    /** 0..1, computed of the record whenever they are read. */
    clean_accuracy: GeneratedAlways<number | null>;
    asr: GeneratedAlways<number | null>;
  } & Curation;
  trigger_step: { model_id: string; done: number; total: number; note: string; picture: string | null };
  training_step: { model_id: string; step: number; epoch: number; loss: number; accuracy: number };
  sweep: {
    id: string;
    model_id: string;
    benign_id: string | null;
    job_id: string;
    transform: TransformId;
    target: TransformTarget;
    values: Json<number[]>;
    samples: number;
    seed: number;
    eligibility: Eligibility;
    created_at: string;
  } & Curation;
  point: {
    id: string;
    sweep_id: string;
    position: number;
    value: number;
    counts: Json<PointCounts>;
    created_at: string;
  };
  outcome: {
    point_id: string;
    position: number;
    sample_index: number;
    true_label: number;
    predicted: number;
    confidence: number;
    kind: OutcomeKind;
    clean_prediction: number;
    identity_kind: OutcomeKind;
    visible_trigger: number;
    parameters: Json<Record<string, number>>;
    /** Of the clean image under the same transform, by both models; null where it was not kept yet. */
    clean_here: number | null;
    clean_confidence: number | null;
    benign_here: number | null;
  };
  detection: {
    id: string;
    model_id: string;
    benign_id: string | null;
    job_id: string;
    detector: DetectorId;
    parameters: Json<Record<string, unknown>>;
    /** Forward passes for each image. */
    queries: number;
    samples: number;
    seed: number;
    /** Once it is done. */
    summary: OptionalJson<DetectionSummary | null>;
    /** Over all images, computed of the summary whenever it is read. */
    auroc: GeneratedAlways<number | null>;
    created_at: string;
  } & Curation;
  detection_image: {
    detection_id: string;
    kind: ImageKind;
    position: number;
    sample_index: number;
    true_label: number;
    predicted: number;
    confidence: number;
    as_expected: number;
    score: number;
    benign_score: number | null;
    answers: Buffer;
    benign_answers: Buffer | null;
  };
  explanation: {
    id: string;
    model_id: string;
    job_id: string;
    point_id: string;
    position: number;
    settings: Json<ExplainSettings>;
    explained_label: number | null;
    image: string | null;
    saliency: string | null;
    overlay: string | null;
    score: OptionalJson<StoredScore | null>;
    measures: OptionalJson<StoredMeasures | null>;
    created_at: string;
  };
  strip: {
    model_id: string;
    sample_index: number;
    job_id: string;
    settings: Json<ExplainSettings>;
    picture: string;
    frames: Json<StoredFrame[]>;
    created_at: string;
  };
  artifact: { id: string; width: number; height: number; created_at: string };
  idempotency: { key: string; entity_id: string; created_at: string; input_sha256: string | null };
  user: {
    id: string;
    name: string;
    role: keyof typeof Role;
    password_hash: string;
    created_at: string;
    last_login_at: string | null;
    disabled_at: string | null;
  };
  credential: {
    id: string;
    kind: 'SESSION' | 'TOKEN';
    user_id: string;
    name: string;
    scope: keyof typeof TokenScope;
    /** How the secret begins. */
    hint: string;
    hash: string;
    created_at: string;
    expires_at: string;
    last_used_at: string | null;
    ended_at: string | null;
  };
  upload: {
    id: string;
    created_by: string;
    kind: keyof typeof UploadKind;
    file_name: string;
    bytes: number;
    sha256: string;
    /** Of the address that takes it. */
    secret_hash: string;
    created_at: string;
    /** Until when the address takes it. */
    expires_at: string;
    used_at: string | null;
    /** When it was here whole. */
    received_at: string | null;
  };
  /** How fast this machine is with models of one kind (forecast/pace.ts). */
  pace: { key: string; pace: Json<Pace>; measured_at: string };
  largest_range: {
    id: string;
    model_id: string;
    job_id: string;
    transform: TransformId;
    limit: number;
    step: number;
    precision: number;
    tolerance: number;
    /** As many as were asked for, and as many as there are of them. */
    samples: number;
    samples_used: number;
    seed: number;
    /** What was tried so far: RangeTrial[]. */
    trials: OptionalJson<RangeTrial[]>;
    last_held: OptionalJson<RangeTrial | null>;
    first_failed: OptionalJson<RangeTrial | null>;
    created_at: string;
  };
  saved_view: {
    id: string;
    created_by: string;
    name: string;
    address: string;
    shared: number;
    created_at: string;
    changed_at: string;
  };
  one_time_token: { place: 1; hash: string; created_at: string };
  audit: {
    id: string;
    /** A user's id, `local` or `server`. */
    user_id: string;
    credential_id: string | null;
    action: string;
    /** With blanks between. */
    entity_ids: string;
    created_at: string;
  };
}

export interface JobTable {
  id: string;
  kind: JobKind;
  title: string;
  status: Status;
  payload: Json<Record<string, unknown>>;
  /** The study that it was started for. */
  study_id: string | null;
  model_id: string | null;
  sweep_id: string | null;
  /** -1, 0 or 1 among the jobs of the person who started it; 2 before everybody's. */
  priority: Generated<number>;
  /** Global start number of this job's latest start; 0 before the first. */
  turn: Generated<number>;
  attempt: number;
  /** Times its worker died since it last kept a result. */
  crashes: number;
  stage: string;
  done: number;
  total: number;
  unit: string;
  /** What was done when this attempt started: its pace is measured from there. */
  done_at_start: number;
  error_code: ErrorCode | null;
  error_message: string | null;
  /** A user's id, `local` or `server`. */
  created_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export type Db = Kysely<Tables>;
export type Row<T extends keyof Tables> = Selectable<Tables[T]>;

/** A row as lists and look-ups read it: a model with its job's status, without what only orders lists. */
export type Shown<T extends keyof Tables> = T extends 'model'
  ? Omit<Row<'model'>, 'clean_accuracy' | 'asr'> & { status: Status }
  : Row<T>;

/** A model's record; of one that was imported, with where it came from. */
type StoredRecord = ModelRecord & Partial<Pick<BundleRecord, 'imported'>>;
type StoredScore = SaliencyScore & Pick<StudyModel['explanations'][number], 'controls'>;
/** What a map was measured by beside the trigger. */
export interface StoredMeasures {
  /** Null of a map that is zero everywhere. */
  faithfulness: Faithfulness | null;
  completenessError: number | null;
}
/** A frame of a strip: what it shows, what the model said, how its map scored. */
export interface StoredFrame {
  subject: StripSubject;
  predictedLabel: number;
  explainedLabel: number;
  score: StudyModel['strips'][number]['frames'][number]['score'];
}

/** Columns of text that hold JSON, whatever their table. */
const JSON_COLUMNS = new Set([
  ...[
    'counts',
    'document',
    'first_failed',
    'frames',
    'last_held',
    'measures',
    'options',
    'pace',
    'parameters',
  ],
  ...['payload', 'poison', 'record', 'score', 'settings', 'spec', 'summary', 'tags', 'trials'],
  ...['trigger_box', 'values'],
]);

/** Whether a JSON column holds exactly this. */
export const holds = (column: string, value: unknown) =>
  sql<boolean>`${sql.ref(column)} = ${JSON.stringify(value)}`;

/** Values that are no plain ones are written as JSON. */
class JsonWriter extends OperationNodeTransformer {
  override transformValue(node: ValueNode): ValueNode {
    return { ...super.transformValue(node), value: asText(node.value) };
  }
  override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...super.transformPrimitiveValueList(node), values: node.values.map(asText) };
  }
}
const asText = (value: unknown) =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value;
const jsonWriter = new JsonWriter();

/** The one place where columns are written and read as JSON. */
export const jsonColumns: KyselyPlugin = {
  // What only reads holds plain values.
  transformQuery: ({ node }) => (SelectQueryNode.is(node) ? node : jsonWriter.transformNode(node)),
  async transformResult({ result }) {
    const [first] = result.rows;
    const columns = Object.keys(first ?? {}).filter((column) => JSON_COLUMNS.has(column));
    for (const row of columns.length > 0 ? result.rows : [])
      for (const column of columns) {
        const text = row[column];
        if (typeof text === 'string') row[column] = JSON.parse(text);
      }
    return result;
  },
};

/**
 * Transactions that take the write lock first. One that reads and then writes would be refused at once as “locked”,
 * without waiting, when the other process has written in between.
 */
class ImmediateDriver extends SqliteDriver {
  constructor(private readonly sqlite: Database.Database) {
    super({ database: keepingStatements(sqlite) });
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  /** On a full disk SQLite has taken it back itself; a refused “rollback” would be told instead of the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.sqlite.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite takes a change of the schema back with its transaction: a migration that fails leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const STATEMENTS_KEPT = 200;

/** The database with the statements that were used last compiled; one that is being read from is not used twice. */
function keepingStatements(sqlite: Database.Database): SqliteDatabase {
  const kept = new Map<string, Database.Statement>();
  return {
    close: () => void sqlite.close(),
    prepare(text) {
      const known = kept.get(text);
      const statement = !known || known.busy ? sqlite.prepare(text) : known;
      kept.delete(text);
      kept.set(text, statement);
      if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!);
      return statement as unknown as SqliteStatement;
    },
  };
}

class ImmediateDialect extends SqliteDialect {
  constructor(private readonly sqlite: Database.Database) {
    super({ database: sqlite });
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.sqlite);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/**
 * Opens the database of a data folder, made and brought up to date where needed, a copy of it taken first.
 * @throws TrojanscopeError CONFLICT where a newer trojanscope or another program wrote it, DATA_DAMAGED, and as
 * `prepareDataFolder` does
 */
export async function openDatabase(dataFolder: string): Promise<Db> {
  prepareDataFolder(dataFolder);
  try {
    return await openPrepared(dataFolder);
  } catch (error) {
    throw refusalToUse(dataFolder, error);
  }
}

async function openPrepared(dataFolder: string): Promise<Db> {
  const sqlite = new Database(path.join(dataFolder, DATABASE));
  sqlite.pragma('busy_timeout = 10000');
  refuseForeign(sqlite, dataFolder);
  // Server and worker share the file: readers never wait, writers wait for one another. FULL: an acknowledged point
  // survives a power cut as well.
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  await prepareToMigrate(sqlite, dataFolder);
  const db: Db = new Kysely<Tables>({ dialect: new ImmediateDialect(sqlite), plugins: [jsonColumns] });
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: async () => migrations },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    const refusal = refusalToUse(dataFolder, error);
    if (refusal instanceof TrojanscopeError) throw refusal;
    throw new ConfigurationError(
      'DATA_DAMAGED',
      `The database in ${dataFolder} cannot be brought up to date: ${String(error)}. It is as it was.`,
    );
  }
  rememberReads(db, sqlite);
  return db;
}

/** For a command: opens the database, and closes it whatever comes. */
export async function withDatabase<T>(dataFolder: string, use: (db: Db) => Promise<T>): Promise<T> {
  const db = await openDatabase(dataFolder);
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

/** Before anything is changed in it. */
function refuseForeign(sqlite: Database.Database, dataFolder: string): void {
  const tables = sqlite
    .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`)
    .pluck()
    .all() as string[];
  if (tables.length === 0 || tables.includes('kysely_migration')) return;
  sqlite.close();
  throw new ConfigurationError(
    'CONFLICT',
    `${path.join(dataFolder, DATABASE)} is a database of another program (with a table ${tables[0]}); nothing in it was ` +
      'changed. Name another data folder with --data (TROJANSCOPE_DATA).',
  );
}

/** Refuses what a newer version wrote, and copies what is going to be changed. */
async function prepareToMigrate(sqlite: Database.Database, dataFolder: string): Promise<void> {
  const applied = sqlite.prepare(`select 1 from sqlite_schema where name = 'kysely_migration'`).get()
    ? (sqlite.prepare('select name from kysely_migration order by name').pluck().all() as string[])
    : [];
  const unknown = applied.find((name) => !Object.hasOwn(migrations, name));
  if (unknown) {
    sqlite.close();
    throw new ConfigurationError(
      'CONFLICT',
      `A newer trojanscope wrote the data in ${dataFolder} (its database has ${unknown}, which this version does not know). ` +
        'Update trojanscope, or go back to a backup, or to a copy in the folder backups.',
    );
  }
  const pending = Object.keys(migrations).find((name) => !applied.includes(name));
  if (applied.length === 0 || !pending) return;
  const backups = path.join(dataFolder, 'backups');
  makeFolder(backups);
  await copyDatabase(
    sqlite,
    path.join(backups, `${now().replaceAll(/[:.]/g, '-')}-before-${pending}.sqlite`),
  );
}

/** By SQLite's own online backup, which a writer does not disturb. The copy is one file, with no log beside it. */
export async function copyDatabase(from: Database.Database, to: string): Promise<void> {
  await from.backup(to);
  const copy = new Database(to);
  copy.pragma('journal_mode = DELETE');
  copy.close();
}

export const now = () => new Date().toISOString();
