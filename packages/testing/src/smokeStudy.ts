import type { TestProject } from 'vitest/node';
import { untilJob } from './live.js';
import { startServer, type TestServer, temporaryData } from './server.js';

/** Runs the smoke study to its end. @returns its id */
export async function runSmokeStudy(server: TestServer): Promise<string> {
  const selection = 'study { id jobs { id kind } }';
  const { study } = await server.mutate('runStudy', 'RunStudyInput', { preset: 'smoke', seed: 1 }, selection);
  const last = study.jobs.find(({ kind }: { kind: string }) => kind === 'explain');
  const { status } = await untilJob(server, last.id, undefined, 300_000);
  if (status !== 'SUCCEEDED') throw new Error(`The smoke study ended ${status}:\n${server.log()}`);
  return study.id;
}

/**
 * Runs the smoke study once for all test files, which copy its data folder: two trained models, six sweeps and their
 * explanations, without training again.
 */
export async function setup(project: TestProject) {
  const data = await temporaryData();
  const server = await startServer({ data: data.folder });
  try {
    project.provide('smoke', { data: data.folder, studyId: await runSmokeStudy(server) });
  } finally {
    await server.stop();
  }
  return data.remove;
}
