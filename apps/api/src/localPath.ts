import os from 'node:os';
import path from 'node:path';
import { ConfigurationError } from './store/dataFolder.js';

/**
 * A path as somebody wrote it, absolute: relative ones are those of where one stands, `~` is one's home also where no
 * shell has seen it (`--data='~/ts'`, TROJANSCOPE_DATA).
 * @throws TrojanscopeError BAD_USER_INPUT (ConfigurationError) for nothing, and for the home of somebody else
 */
export function localPath(written: string): string {
  if (written === '')
    throw new ConfigurationError(
      'BAD_USER_INPUT',
      'Expected a path, got nothing: leave it out, or name one.',
    );
  const [first, ...rest] = written.split(/[/\\]/);
  if (first === '~') return path.join(os.homedir(), ...rest);
  if (first!.startsWith('~'))
    throw new ConfigurationError(
      'BAD_USER_INPUT',
      `Expected a path, got ${written}: of homes only one’s own is known here, ~/. Write the path out; what really has such a name is ./${written}`,
    );
  return path.resolve(written);
}
