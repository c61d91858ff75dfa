import { afterAll, inject } from 'vitest';
import { startServer, temporaryData } from './server.mjs';

/** For one test file: a server on a copy of the finished smoke study, until its tests are over. */
export async function smokeServer() {
  const data = await temporaryData(inject('smoke').data);
  const server = await startServer({ data: data.folder });
  afterAll(async () => {
    await server.stop();
    await data.remove();
  });
  return { data, server };
}
