import { PLUGINS_CHECKED } from '@trojanscope/core/pluginFolder';
import { choosePlugins } from './plugins/choose.js';
import { tryPlugins } from './plugins/tryPlugins.js';

/** The command line. Plugins are chosen before anything is loaded that lists definitions. */
const words = process.argv.slice(2);
const chosen = choosePlugins(words);
// It tells what a server would take. Other commands look at the form of definitions alone, which takes no time.
if (chosen && words.includes('doctor'))
  process.env[PLUGINS_CHECKED] = JSON.stringify(
    await tryPlugins(chosen.folder, { dataFolder: chosen.dataFolder }),
  );
await import('./commands/run.js');
