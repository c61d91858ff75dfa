import { statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLUGINS, PLUGINS_CHECKED } from '@trojanscope/core/pluginFolder';
import { Command, Option } from 'commander';

/** Of sysexits.h, as elsewhere (`store/dataFolder.ts`): that would load all that lists definitions. */
const EXIT_CONFIG = 78;

/** Where data is kept where nothing is said: in the clone, wherever one stands, for every command and the server. */
export const DEFAULT_DATA = fileURLToPath(new URL('../../../../data', import.meta.url));

export const pluginsOption = () =>
  new Option('--plugins <folder>', 'load attacks, transforms and so on of your own (docs/plugins.md)').env(
    PLUGINS,
  );

/**
 * Says for this process, and for those that it starts, which folder of plugins there is: before anything is loaded that
 * lists definitions. Ends the process, with 78, where there is no such folder.
 * @param argv of which all but `--plugins` is somebody else's
 * @returns the folder, and the data folder
 */
export function choosePlugins(argv: readonly string[]): { folder: string; dataFolder: string } | undefined {
  delete process.env[PLUGINS_CHECKED];
  const command = new Command().allowUnknownOption().allowExcessArguments().helpOption(false);
  const { plugins, data } = command
    .addOption(new Option('--plugins [folder]').env(PLUGINS))
    .addOption(new Option('--data [folder]').env('TROJANSCOPE_DATA').default(DEFAULT_DATA))
    .parse(argv, { from: 'user' })
    .opts<{ plugins?: string | true; data: string | true }>();
  // Of an option without its folder, who reads all of them complains.
  if (!plugins || plugins === true || data === true) return undefined;
  const folder = absolute(plugins);
  const refusal = refusalOfFolder(folder);
  if (refusal) {
    console.error(`--plugins: ${refusal}`);
    process.exit(EXIT_CONFIG);
  }
  process.env[PLUGINS] = folder;
  return { folder, dataFolder: absolute(data) };
}

/** As `localPath` does, which would load all that lists definitions. */
const absolute = (written: string) => path.resolve(written.replace(/^~(?=\/|$)/, os.homedir()));

/** Whoever may write there may do what the server may. */
export function refusalOfFolder(folder: string): string | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory())
    return `expected a folder of ES modules; ${folder} is ${stat ? 'none' : 'not there'}.`;
  if (process.platform !== 'win32' && (stat.mode & 0o002) !== 0)
    return `expected a folder that not everybody may write to, because what is in it runs with the server’s rights; run chmod o-w ${folder}.`;
  return undefined;
}
