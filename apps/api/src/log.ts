import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino';

export const LOG_FORMATS = ['text', 'json'] as const;
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const;
export interface LogSettings {
  format: (typeof LOG_FORMATS)[number];
  level: LevelWithSilent & (typeof LOG_LEVELS)[number];
}

/** Nothing by these names is ever written, at whatever place of a logged object it stands. */
const SECRETS = ['authorization', 'cookie', 'set-cookie', 'password', 'token', 'secret'];

export const createLog = ({ format, level }: LogSettings, out: DestinationStream): Logger =>
  pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
      redact: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
    },
    format === 'json' ? out : { write: (line) => out.write(asText(JSON.parse(line))) },
  );

/** For people at a terminal: the time of day, the message, and what belongs to it. */
function asText({ time, level, msg, err, ...rest }: Record<string, unknown>): string {
  const more = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const cause = err ? `\n${(err as Error).stack}` : '';
  const mark = level === 'info' || level === 'debug' ? '' : `${level}: `;
  return `${String(time).slice(11, 19)} ${mark}${msg}${more.join('')}${cause}\n`;
}

/** The process's own; what it says until it is configured is for people. */
export let log: Logger = createLog({ format: 'text', level: 'info' }, process.stderr);

export function configureLog(settings: LogSettings): void {
  log = createLog(settings, process.stderr);
}

const requests = new AsyncLocalStorage<string>();

/** The id of the request being answered; what happens outside of one gets an id of its own. */
export const requestId = (): string => requests.getStore() ?? randomUUID();

const SLOW_MS = 1_000;

/** Gives every request an id, which its answer carries, and logs how it ended: at `info` where it was slow or failed. */
export const logRequests: RequestHandler = (request, response, next) => {
  const id = randomUUID();
  const from = performance.now();
  response.set('X-Request-Id', id);
  response.on('close', () => {
    const ms = Math.round(performance.now() - from);
    const { statusCode: status } = response;
    // The path alone: what follows the question mark may be anybody's.
    const what = {
      requestId: id,
      method: request.method,
      path: request.originalUrl.split('?')[0],
      status,
      ms,
    };
    log[status >= 500 ? 'warn' : ms > SLOW_MS ? 'info' : 'debug'](what, 'request');
  });
  requests.run(id, next);
};
