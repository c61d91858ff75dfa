import { startServer, temporaryData } from '@trojanscope/testing/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { keepPicture, launch, newPage, noteComplaints } from './browser';

/** What the tests of a file share: a server with a data folder of its own, and the pages people have of it. */
export interface Session {
  /** The server's data. */
  folder: string;
  server: Server;
  browser: Browser;
  /** A page of somebody's own. What it complains of fails the test that runs then. */
  open(whose?: string): Promise<Page>;
  /** Takes back what a test brought about itself. */
  excuse(complaint: RegExp): void;
  /** Where it was, after a kill. */
  restartServer(): Promise<Server>;
}
/** What a page says of requests while its server is gone, refused, cut or left without an answer, and of its socket. */
export const SERVER_GONE = /net::ERR_(CONNECTION_|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)|WebSocket/;

export type Server = Awaited<ReturnType<typeof startServer>>;

/**
 * Opens before the first test of a file and closes after its last.
 * @param copyOf a data folder to begin with a copy of
 * @param prepare works on the data before the server starts
 * @param demo starts the demo, with the folder for its temporary files
 * @returns filled when the first test, or a `beforeAll` after it, runs
 */
export function useSession({
  copyOf,
  prepare,
  args,
  demo = false,
}: {
  copyOf?: string;
  prepare?: (folder: string) => Promise<void>;
  args?: string[];
  demo?: boolean;
} = {}): Session {
  let data: Awaited<ReturnType<typeof temporaryData>>;
  const pages = new Map<string, Page>();
  const complaints: string[] = [];
  const start = (port?: number) =>
    demo
      ? startServer({ data: null, port, args: ['--demo'], env: { TMPDIR: session.folder } })
      : startServer({ data: session.folder, port, args });
  const session = {
    async open(whose = 'page') {
      const page = await newPage(session.browser);
      pages.set(whose, page);
      noteComplaints(page, new URL(session.server.url).host, complaints);
      return page;
    },
    excuse(complaint) {
      complaints.splice(0, Infinity, ...complaints.filter((one) => !complaint.test(one)));
    },
    async restartServer() {
      const port = Number(new URL(session.server.url).port);
      session.server = await start(port);
      return session.server;
    },
  } as Session;

  beforeAll(async () => {
    data = await temporaryData(copyOf);
    session.folder = data.folder;
    await prepare?.(session.folder);
    session.server = await start();
    session.browser = await launch();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      for (const [whose, page] of pages) await keepPicture(page, `${whose} ${task.name}`);
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await session.browser?.close();
    await session.server?.stop();
    await data?.remove();
  });
  return session;
}
