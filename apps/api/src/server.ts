import { PLUGINS_CHECKED } from '@trojanscope/core/pluginFolder';
import { choosePlugins } from './plugins/choose.js';
import { tryPlugins } from './plugins/tryPlugins.js';

/** What a user starts. Plugins are chosen and tried before anything is loaded that lists definitions. */
const chosen = choosePlugins(process.argv.slice(2));
if (chosen) {
  const { folder, dataFolder } = chosen;
  console.log(`Trying the plugins in ${folder}.`);
  process.env[PLUGINS_CHECKED] = JSON.stringify(await tryPlugins(folder, { dataFolder }));
}
await import('./serve.js');
