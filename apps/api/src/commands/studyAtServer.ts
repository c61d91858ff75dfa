import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TrojanscopeError } from '@trojanscope/core';
import { type Block, base64Of, fileOf, toHtml, toMarkdown } from '@trojanscope/report';
import type { RunStudyInput } from '@trojanscope/schema';
import { type Api, mutate, thing } from './asking/api.js';
import { keyOf, passing } from './asking/jobs.js';

/** Studies of a server, in the words of those of a data folder. */

const JOB = `id kind title status progress { stage done total unit etaSeconds } takesSeconds error { code message }`;
const STUDY = `id name preset { id } createdAt seed options status deletedAt jobs { ${JOB} }`;

export interface ServerJob {
  id: string;
  kind: string;
  title: string;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  progress: { stage: string; done: number; total: number; unit: string; etaSeconds: number | null } | null;
  takesSeconds: number | null;
  error: { code: string; message: string } | null;
}
interface ServerStudy {
  id: string;
  name: string;
  preset: { id: string };
  createdAt: string;
  options: object;
  status: string;
  deletedAt: string | null;
  jobs: ServerJob[];
}

const present = ({ id, name, preset, createdAt, options, jobs }: ServerStudy) => ({
  id,
  name,
  preset: preset.id.replaceAll('_', '-'),
  createdAt,
  options,
  done: jobs.filter(({ status }) => status === 'SUCCEEDED').length,
  total: jobs.length,
});

/** Every study, the oldest first. */
export async function studiesAt(api: Api) {
  const found: ServerStudy[] = [];
  for (let after: string | null = null; ; ) {
    const { studies }: { studies: Page } = await api.ask(
      `query ($after: String) { studies(first: 20, after: $after) { nodes { ${STUDY} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    found.push(...studies.nodes);
    if (!studies.pageInfo.hasNextPage) break;
    after = studies.pageInfo.endCursor;
  }
  return found.map(present).reverse();
}
interface Page {
  nodes: ServerStudy[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

export async function studyAt(api: Api, id: string) {
  const study = await thing<ServerStudy>(api, 'Study', id, STUDY);
  const jobs = study.jobs.map(({ id, kind, title, status, progress }) => {
    const { stage = '', done = 0, total = 0, unit = '' } = progress ?? {};
    return { id, kind, title, status, stage, done, total, unit };
  });
  return { ...present(study), jobs };
}

type Told = (progress: {
  done: number;
  total: number;
  current: { title: string; stage: string; done: number; total: number; unit: string } | null;
  etaSeconds: number | null;
}) => void;

const LOOK_MS = 1_000;

/**
 * Starts a study there, or goes on with what the same words started, and waits for its end.
 * @throws TrojanscopeError as a job failed; ABORTED where one was cancelled, or the signal came
 */
export async function runAt(
  api: Api,
  given: RunStudyInput,
  { tell, begun, signal }: { tell: Told; begun: (id: string, name: string) => void; signal: AbortSignal },
): Promise<string> {
  const { preset, ...input } = given;
  const asked = { ...input, ...(preset && { preset: preset.replaceAll('-', '_') }) };
  const { study: started } = await firstShown(api, asked);
  const { id } = started;
  begun(id, started.name);
  if (['FAILED', 'CANCELLED'].includes(started.status))
    await mutate(api, 'resumeStudy', { studyId: id }, 'study { id }');
  const answering = passing((words) => console.error(words));
  for (;;) {
    if (signal.aborted)
      throw new TrojanscopeError(
        'ABORTED',
        `No longer waiting; the server goes on with ${id}. The same command waits again.`,
      );
    const study = await answering(() => thing<ServerStudy>(api, 'Study', id, STUDY));
    if (study) {
      tell(progressOf(study.jobs));
      if (study.status === 'SUCCEEDED') return id;
      // The others go on without what failed, to their end.
      const over = study.jobs.every(({ status }) => !['QUEUED', 'RUNNING'].includes(status));
      const failed = study.jobs.filter(({ status }) => status === 'FAILED');
      const stuck = !study.jobs.some(({ status }) => status === 'RUNNING') && study.status !== 'QUEUED';
      if (over || (stuck && failed.length > 0) || study.status === 'CANCELLED') throw undone(study, failed);
    }
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** What is in the trash is made anew. */
async function firstShown(api: Api, input: object): Promise<{ study: ServerStudy }> {
  for (let again = 0; ; again++) {
    const payload = await mutate<{ study: ServerStudy | null }>(
      api,
      'runStudy',
      { ...input, idempotencyKey: keyOf(input, again) },
      `study { ${STUDY} }`,
    );
    if (payload.study && !payload.study.deletedAt) return { study: payload.study };
  }
}

const undone = ({ jobs, status }: ServerStudy, failed: readonly ServerJob[]) => {
  const missing = jobs.filter((job) => job.status !== 'SUCCEEDED').length;
  const why = failed.map(({ title, error }) => `${title}: ${error?.message}`).join('\n');
  return new TrojanscopeError(
    status === 'CANCELLED' && failed.length === 0 ? 'ABORTED' : 'CONFLICT',
    `${missing} of ${jobs.length} jobs are not done. ${why || 'Somebody cancelled it; the same command goes on.'}`,
  );
};

function progressOf(jobs: readonly ServerJob[]): Parameters<Told>[0] {
  const running = jobs.find(({ status }) => status === 'RUNNING');
  const { stage = '', done = 0, total = 0, unit = '' } = running?.progress ?? {};
  const left = jobs.flatMap(({ status, takesSeconds, progress }) =>
    status === 'QUEUED' ? [takesSeconds] : status === 'RUNNING' ? [progress?.etaSeconds ?? null] : [],
  );
  return {
    done: jobs.filter(({ status }) => status === 'SUCCEEDED').length,
    total: jobs.length,
    current: running ? { title: running.title, stage, done, total, unit } : null,
    etaSeconds: left.includes(null) ? null : (left as number[]).reduce((sum, seconds) => sum + seconds, 0),
  };
}

interface ServerBlock {
  kind: 'TEXT' | 'TABLE' | 'PICTURE';
  text: string;
  columns: string[];
  rows: string[][];
  picture: string | null;
}

/** Writes what the server reports, as HTML and as Markdown with its figures. @returns what is missing, and the files */
export async function writeReportOf(api: Api, id: string, folder: string) {
  const { report } = await thing<{
    report: { title: string; missing: string[]; sections: { title: string; blocks: ServerBlock[] }[] };
  }>(
    api,
    'Study',
    id,
    'report { title missing sections { title blocks { kind text columns rows picture } } }',
  );
  let figures = 0;
  const sections = report.sections.map(({ title, blocks }) => ({
    title,
    blocks: blocks.map((block) => blockOf(block, `figure-${block.picture ? ++figures : ''}`)),
  }));
  await mkdir(path.join(folder, FIGURES), { recursive: true });
  const pictures = sections.flatMap(({ blocks }) => blocks).filter((block) => block.kind === 'PICTURE');
  const files: [name: string, content: string | Buffer][] = [
    ['report.html', toHtml(report.title, sections)],
    ['report.md', toMarkdown(report.title, sections, FIGURES)],
    ...pictures.map((block): [string, Buffer] => [
      path.join(FIGURES, fileOf(block)),
      Buffer.from(base64Of(block), 'base64'),
    ]),
  ];
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);
  return { title: report.title, missing: report.missing, files: files.length };
}

const FIGURES = 'figures';

function blockOf({ kind, text, columns, rows, picture }: ServerBlock, name: string): Block {
  if (kind === 'TEXT') return { kind, text };
  if (kind === 'TABLE') return { kind, caption: text, columns, rows };
  const base64 = picture!.slice(picture!.indexOf(',') + 1);
  const png = picture!.startsWith('data:image/png');
  return {
    kind,
    caption: text,
    name,
    type: png ? 'image/png' : 'image/svg+xml',
    content: png ? base64 : Buffer.from(base64, 'base64').toString(),
  };
}
