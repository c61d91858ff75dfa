import { afterAll, inject } from 'vitest';
import { type ServerOptions, startServer, temporaryData } from './server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of smokeStudy.ts: the data folder of a finished smoke study of seed 1. Copy it, do not open it. */
    smoke: { data: string; studyId: string };
  }
}

/** For one test file: a server on a copy of the finished smoke study, until its tests are over. */
export async function smokeServer(env?: ServerOptions['env']) {
  const data = await temporaryData(inject('smoke').data);
  const server = await startServer({ data: data.folder, env });
  afterAll(async () => {
    await server.stop();
    await data.remove();
  });
  return { data, server };
}
