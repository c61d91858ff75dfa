import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Eligibility, ErrorCode, OutcomeKind, TransformId, TransformTarget } from '@trojanscope/core';
import { TrojanscopeError } from '@trojanscope/core';
import type { JobStatus, Role, TokenScope, UploadKind } from '@trojanscope/schema';
import Database from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Generated,
  type GeneratedAlways,
  Kysely,
  Migrator,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import { migrations } from './migrations/index.js';

export type Status = keyof typeof JobStatus;

/** What people add to a model, sweep or study. */
export interface Curation {
  notes: Generated<string>;
  tags: Generated<string>;
  locked: Generated<number>;
  /** When it went to the trash. */
  deleted_at: Generated<string | null>;
}

/** The tables as they are stored; JSON columns are text here and parsed by the repository of their noun. */
export interface Tables {
  study: {
    id: string;
    name: string;
    preset: string;
    /** The first of its seeds. */
    seed: number;
    /** What was chosen of the preset; nothing for studies from before there was a choice. */
    options: Generated<string>;
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
    spec: string;
    benign_id: string | null;
    job_id: string;
    record: string | null;
    poison: string | null;
    trigger_box: string | null;
    trigger_picture: string | null;
    trigger_on_sample: string | null;
    created_at: string;
    /** 0..1, as the record has them. */
    clean_accuracy: GeneratedAlways<number | null>;
    asr: GeneratedAlways<number | null>;
  } & Curation;
  trigger_step: { model_id: string; done: number; total: number; note: string; picture: string | null };
  training_step: { model_id: string; step: number; epoch: number; loss: number; accuracy: number };
  sweep: {
    id: string;
    model_id: string;
    benign_id: string;
    job_id: string;
    transform: TransformId;
    target: TransformTarget;
    values: string;
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
    counts: string;
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
    parameters: string;
  };
  explanation: {
    id: string;
    model_id: string;
    job_id: string;
    point_id: string;
    position: number;
    settings: string;
    explained_label: number | null;
    image: string | null;
    saliency: string | null;
    overlay: string | null;
    score: string | null;
    created_at: string;
  };
  strip: {
    model_id: string;
    sample_index: number;
    job_id: string;
    settings: string;
    picture: string;
    frames: string;
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
  /** How fast this machine is with models of one kind (studies/pace.ts). */
  pace: { key: string; pace: string; measured_at: string };
  largest_range: {
    id: string;
    model_id: string;
    job_id: string;
    transform: TransformId;
    limit: number;
    step: number;
    precision: number;
    tolerance: number;
    samples: number;
    seed: number;
    /** What was tried so far: RangeTrial[]. */
    trials: Generated<string>;
    last_held: string | null;
    first_failed: string | null;
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
  kind: string;
  title: string;
  status: Status;
  payload: string;
  /** The study that it was started for. */
  study_id: string | null;
  model_id: string | null;
  sweep_id: string | null;
  /** -1, 0 or 1 among the jobs of whoever started it; 2 before everybody's. */
  priority: Generated<number>;
  /** The how manieth start of a job here its last one was; 0 before the first. */
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
 * @throws TrojanscopeError CONFLICT where a newer trojanscope wrote it, DATA_DAMAGED
 */
export async function openDatabase(dataFolder: string): Promise<Db> {
  mkdirSync(dataFolder, { recursive: true });
  const sqlite = new Database(path.join(dataFolder, 'trojanscope.sqlite'));
  // Server and worker share the file: readers never wait, writers wait for one another. FULL: an acknowledged point
  // survives a power cut as well.
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('busy_timeout = 10000');
  sqlite.pragma('foreign_keys = ON');
  await prepareToMigrate(sqlite, dataFolder);
  const db: Db = new Kysely<Tables>({ dialect: new ImmediateDialect(sqlite) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error)
    throw new TrojanscopeError(
      'DATA_DAMAGED',
      `The database in ${dataFolder} cannot be opened: ${String(error)}`,
    );
  return db;
}

/** For a command: opens the database, and closes it whatever comes. */
export async function withDatabase<T>(dataFolder: string, use: (db: Db) => Promise<T>): Promise<T> {
  const db = await openDatabase(path.resolve(dataFolder));
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

/** Refuses what a newer version wrote, and copies what is going to be changed. */
async function prepareToMigrate(sqlite: Database.Database, dataFolder: string): Promise<void> {
  const applied = sqlite.prepare(`select 1 from sqlite_schema where name = 'kysely_migration'`).get()
    ? (sqlite.prepare('select name from kysely_migration order by name').pluck().all() as string[])
    : [];
  const unknown = applied.find((name) => !Object.hasOwn(migrations, name));
  if (unknown) {
    sqlite.close();
    throw new TrojanscopeError(
      'CONFLICT',
      `A newer trojanscope wrote the data in ${dataFolder} (its database has ${unknown}, which this version does not know). ` +
        'Update trojanscope, or go back to a backup, or to a copy in the folder backups.',
    );
  }
  const pending = Object.keys(migrations).find((name) => !applied.includes(name));
  if (applied.length === 0 || !pending) return;
  const backups = path.join(dataFolder, 'backups');
  mkdirSync(backups, { recursive: true });
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
