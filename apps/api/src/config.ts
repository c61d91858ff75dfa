import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { localPath } from './localPath.js';
import { LOG_FORMATS, LOG_LEVELS, type LogSettings } from './log.js';
import { EXIT_CONFIG } from './store/dataFolder.js';

export interface Config {
  log: LogSettings;
  port: number;
  host: string;
  dataFolder: string;
  /** Whether the demo is served, from a folder of its own, instead of the data folder. */
  demo: boolean;
  quickstart: boolean;
  /** Whether one has to sign in. */
  auth: boolean;
  /** Where browsers find the server, if not at its own address. */
  publicUrl: URL | null;
  /** Names of this server beside its own address and those of loopback. */
  allowHosts: string[];
  /** After how many days what is in the trash is deleted for good; 0 for never. */
  trashDays: number;
  /** Jobs at a time; as many as the machine is good for where it is undefined. */
  jobs: number | undefined;
  pointsPerMinute: number;
  timeoutMs: number;
}

/** A command that takes the server's options, each also from the environment. */
export const serverOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--port <number>', 'port for page, API and pictures')
        .env('PORT')
        .default(4000)
        .argParser(port),
    )
    .addOption(new Option('--host <address>', 'address to listen on').env('HOST').default('127.0.0.1'))
    .addOption(dataOption())
    .addOption(
      new Option('--allow-host <name>', 'a further name that the server is reached by; may be repeated')
        .env('TROJANSCOPE_ALLOW_HOST')
        .default([])
        .argParser((value: string, before: string[]) => [
          ...(before ?? []),
          ...value.split(',').filter(Boolean),
        ]),
    )
    .addOption(
      new Option('--trash-days <number>', 'days until what is in the trash is deleted for good; 0 for never')
        .env('TROJANSCOPE_TRASH_DAYS')
        .default(30)
        .argParser(amount),
    )
    .addOption(
      new Option('--jobs <number>', 'jobs at a time; one for each 8 cores and 4 GB when left out')
        .env('TROJANSCOPE_JOBS')
        .argParser(positive),
    )
    .addOption(
      new Option('--rate-limit <points>', 'points a minute that a caller has; 0 for no limit')
        .env('TROJANSCOPE_RATE_LIMIT')
        .default(100_000)
        .argParser(amount),
    )
    .addOption(
      new Option('--request-timeout <seconds>', 'how long a request may take')
        .env('TROJANSCOPE_REQUEST_TIMEOUT')
        .default(10)
        .argParser(amount),
    )
    .addOption(
      new Option('--auth [on|off]', 'ask everybody to sign in; off only on loopback (docs/accounts.md)')
        .env('TROJANSCOPE_AUTH')
        .preset(true)
        .default(false)
        .argParser(onOff),
    )
    .addOption(
      new Option('--public-url <address>', 'where browsers find the server, if behind a proxy: https://…')
        .env('TROJANSCOPE_PUBLIC_URL')
        .argParser(webAddress),
    )
    .option('--no-quickstart', 'leave an empty data folder empty')
    .option('--demo', 'look at finished results, in a temporary folder that is gone when the server stops')
    .addOption(
      new Option('--log <format>', 'how to write the log: text for people, json for programs')
        .env('TROJANSCOPE_LOG')
        .choices(LOG_FORMATS)
        .default('text'),
    )
    .addOption(
      new Option('--log-level <level>', 'what to write to it; debug tells of every request')
        .env('TROJANSCOPE_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('info'),
    );

/** Of the clone, wherever one stands: the same for every command and the server. */
const DATA = fileURLToPath(new URL('../../../data', import.meta.url));

export const dataOption = () =>
  new Option('--data <folder>', 'where models and results are kept')
    .env('TROJANSCOPE_DATA')
    .default(DATA)
    .argParser(localPath);

const DEMO_KEEPS_NOTHING =
  'error: --demo has a folder of its own, which is gone when the server stops: leave --data out. To keep what you do with ' +
  'the same results: npm run trojanscope -- restore --data DIR --from apps/api/demo/paper-mnist.zip, then npm start -- --data DIR';

/** Ends the process, with 78, at an option that is none. @throws TrojanscopeError BAD_USER_INPUT as `localPath` does */
export function readConfig(argv: readonly string[]): Config {
  const command = serverOptions(new Command('trojanscope').description('Starts the server.'));
  // Commander has printed it already; showing help is not an error.
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_CONFIG));
  const {
    port,
    host,
    data,
    demo = false,
    quickstart,
    auth,
    publicUrl,
    allowHost,
    rateLimit,
    requestTimeout,
    jobs,
    trashDays,
    log: format,
    logLevel: level,
  } = command.parse(argv, { from: 'user' }).opts();
  // What the environment says is the data folder is meant for every other start.
  if (demo && command.getOptionValueSource('data') === 'cli') command.error(DEMO_KEEPS_NOTHING);
  return {
    port,
    host,
    dataFolder: data,
    demo,
    quickstart,
    auth,
    publicUrl: publicUrl ?? null,
    log: { format, level },
    allowHosts: allowHost,
    trashDays,
    jobs,
    pointsPerMinute: rateLimit,
    timeoutMs: requestTimeout * 1000,
  };
}

function amount(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0)) throw new InvalidArgumentError('Expected a number from 0.');
  return number;
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 64)
    throw new InvalidArgumentError('Expected a whole number from 1 to 64.');
  return number;
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
  }
  return number;
}

function onOff(value: string | true): boolean {
  if (['on', 'true', '1', true].includes(value)) return true;
  if (['off', 'false', '0', ''].includes(value as string)) return false;
  throw new InvalidArgumentError('Expected on or off.');
}

/** It becomes part of every page, script and stylesheet. */
const BASE_PATH = /^(\/[\w.~@%-]+)*\/?$/;

function webAddress(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (
    url &&
    ['http:', 'https:'].includes(url.protocol) &&
    BASE_PATH.test(url.pathname) &&
    !url.search &&
    !url.hash
  )
    return url;
  throw new InvalidArgumentError(
    'Expected an address like https://lab.example or https://lab.example/trojanscope; its path may have letters, digits and . _ ~ @ % - between slashes.',
  );
}
