import { type Command, InvalidArgumentError, Option } from 'commander';
import { dataOption } from '../../config.js';
import type { Api } from './api.js';

export interface ApiOptions {
  data: string;
  server?: URL;
  token?: string;
  tokenFile?: string;
  json?: boolean;
}

const WHERE = 'Where:';

/** A command that may be asked of a server or of a data folder, and answers programs. */
export const addressed = (command: Command): Command =>
  addressable(command.option('--json', 'print what GraphQL answered, for programs'));

/** A command that may be asked of a server or of a data folder. */
export function addressable(command: Command): Command {
  for (const option of [
    dataOption(),
    new Option('--server <address>', 'ask a running server instead, such as http://127.0.0.1:4000')
      .env('TROJANSCOPE_SERVER')
      .argParser(serverAddress),
    new Option('--token-file <file>', 'a file that holds the access token for it (docs/accounts.md)').env(
      'TROJANSCOPE_TOKEN_FILE',
    ),
    new Option(
      '--token <token>',
      'the token itself, which everybody sees who lists the processes here: rather in a file, or in',
    ).env('TROJANSCOPE_TOKEN'),
  ])
    command.addOption(option.helpGroup(WHERE));
  return command.hook('preAction', () => {
    const source = (name: string) => command.getOptionValueSource(name);
    if (command.opts().server && source('data') === 'cli')
      command.error('error: --data is a folder here, a --server has its own: leave one of them out');
    // What is said here counts, and not what the environment says beside it.
    if (source('tokenFile') === 'cli' && source('token') === 'env')
      command.setOptionValue('token', undefined);
  });
}

function serverAddress(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol) && !url.search && !url.hash && !url.username)
    return url;
  throw new InvalidArgumentError('Expected an address like http://127.0.0.1:4000 or https://lab.example.');
}

/**
 * Asks where the options say. Ctrl-C fires the signal, once: a second one ends the process.
 * @param change whether it starts something, which takes a data folder of one's own
 */
export async function withApi<T>(
  options: ApiOptions,
  change: boolean,
  use: (api: Api, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const api = await openApi(options, change);
  try {
    return await use(api, stop.signal);
  } finally {
    await api.close();
  }
}

/** Only what is asked is loaded: a server is asked without the database and the schema of this one. */
async function openApi({ data, server, token, tokenFile }: ApiOptions, change: boolean): Promise<Api> {
  if (!server) return (await import('./localApi.js')).openLocalApi(data, change);
  const { openHttpApi, readToken } = await import('./httpApi.js');
  return openHttpApi(server, token || (tokenFile && (await readToken(tokenFile))) || undefined);
}
