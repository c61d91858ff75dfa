import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrojanscopeError } from '@trojanscope/core';
import { count } from '../archives/sourceFile.js';
import { hashFile } from './hashes.js';

export interface Download {
  url: URL;
  /** Where it goes; `<file>.part` until it is whole and right. */
  file: string;
  md5: string;
  signal?: AbortSignal;
  /** @param total undefined where the server does not say */
  onProgress?: (bytes: number, total: number | undefined) => void;
  /** Without a byte for so long, a connection is given up. */
  stallMs?: number;
  /** Until the second attempt; doubles with each. */
  retryMs?: number;
  maxBytes?: number;
}

/** How often in a row a connection may bring nothing new. */
const ATTEMPTS = 5;

/** Worth another attempt. */
class BrokenOff extends Error {}

/**
 * Downloads a file, going on where an earlier attempt broke off, and checks its hash. A file that is there and right is
 * left alone.
 * @throws TrojanscopeError DATA_MISSING for what cannot be had, DATA_DAMAGED for a wrong file, ABORTED
 */
export async function download(job: Download): Promise<void> {
  const { url, file, md5 } = job;
  if ((await sizeOf(file)) > 0 && (await hashFile(file)).md5 === md5) return;
  const resumed = (await sizeOf(`${file}.part`)) > 0;
  if (await fetchWhole(job)) return;
  // What was there may have been the beginning of another file.
  if (resumed && (await fetchWhole(job))) return;
  throw new TrojanscopeError(
    'DATA_DAMAGED',
    `${url}: expected a file with MD5 ${md5}, got another, which was deleted. The address serves something else than the official file.`,
  );
}

/** @returns whether it is the right file; a wrong one is deleted */
async function fetchWhole(job: Download): Promise<boolean> {
  const part = `${job.file}.part`;
  await fetchPatiently(job, part);
  const right = (await hashFile(part)).md5 === job.md5;
  if (right) await rename(part, job.file);
  else await rm(part);
  return right;
}

async function fetchPatiently(job: Download, part: string): Promise<void> {
  const { url, retryMs = 1_000, signal } = job;
  let furthest = await sizeOf(part);
  for (let idle = 0; ; ) {
    try {
      return await fetchRest(job, part);
    } catch (error) {
      throwIfStopped(signal);
      if (!(error instanceof BrokenOff)) throw error;
      const size = await sizeOf(part);
      idle = size > furthest ? 1 : idle + 1;
      furthest = Math.max(furthest, size);
      if (idle === ATTEMPTS)
        throw new TrojanscopeError(
          'DATA_MISSING',
          `${url}: ${error.message}, at ${ATTEMPTS} attempts. What has arrived is kept; the same command goes on from there.`,
        );
      await sleep(retryMs * 2 ** (idle - 1), undefined, { signal }).catch(() => throwIfStopped(signal));
    }
  }
}

/** One request: appends to `part` what it lacks, or begins anew where the server knows no ranges. */
async function fetchRest(job: Download, part: string): Promise<void> {
  const { url, signal, stallMs = 30_000, maxBytes = 2 ** 31 } = job;
  const request = new AbortController();
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    request.abort();
  }, stallMs);
  const handle = await open(part, 'a');
  try {
    const have = (await handle.stat()).size;
    const response = await fetch(url, {
      // Compressed on the way, neither length nor range would be those of the file.
      headers: { 'accept-encoding': 'identity', ...(have > 0 && { range: `bytes=${have}-` }) },
      signal: signal ? AbortSignal.any([signal, request.signal]) : request.signal,
    });
    const { status } = response;
    const range = contentRange(response);
    if (status === 416 && range.total === have) return;
    if (status === 416 || (status === 206 && range.start !== have)) {
      await handle.truncate(0);
      throw new BrokenOff('the server sent another range than was asked for');
    }
    if (status !== 200 && status !== 206) throw refusal(response, url);
    if (status === 200) await handle.truncate(0);
    const length = response.headers.get('content-length');
    const total = status === 206 ? range.total : length === null ? undefined : Number(length);
    let at = status === 206 ? have : 0;
    const checkSize = async (bytes: number) => {
      if (bytes <= maxBytes) return;
      await handle.truncate(0);
      throw new TrojanscopeError(
        'DATA_DAMAGED',
        `${url}: expected at most ${count(maxBytes)} bytes, got ${count(bytes)} or more.`,
      );
    };
    await checkSize(total ?? 0);
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      at += chunk.length;
      await checkSize(at);
      await handle.writeFile(chunk);
      job.onProgress?.(at, total);
    }
    if (total !== undefined && at < total)
      throw new BrokenOff(`the connection ended after ${count(at)} of ${count(total)} bytes`);
  } catch (error) {
    if (stalled) throw new BrokenOff(`nothing came for ${stallMs / 1_000} s`);
    // What fetch throws of the network; a full disk is another error.
    if (!(error instanceof TypeError)) throw error;
    const cause = error.cause as NodeJS.ErrnoException | undefined;
    throw new BrokenOff(`the connection failed (${cause?.code ?? cause?.message ?? error.message})`);
  } finally {
    clearTimeout(timer);
    // Ends a request whose body is no longer wanted; a finished one is not affected.
    request.abort();
    await handle.close();
  }
}

// "bytes 100-199/200", or "bytes */200" for a range that the file does not have.
function contentRange({ headers }: Response): { start?: number; total?: number } {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  return { ...(start && { start: Number(start) }), ...(total && { total: Number(total) }) };
}

function refusal({ status, statusText }: Response, url: URL): Error {
  const answer = `the server answered ${status} ${statusText}`.trim();
  if (status >= 500 || status === 408 || status === 429) return new BrokenOff(answer);
  return new TrojanscopeError(
    'DATA_MISSING',
    `${url}: expected a file, ${answer}. Give another address, or get the file in another way and import it.`,
  );
}

/** 0 where there is none. */
const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;

function throwIfStopped(signal?: AbortSignal): void {
  if (signal?.aborted)
    throw new TrojanscopeError(
      'ABORTED',
      'The download was stopped. What has arrived is kept; the same command goes on from there.',
    );
}
