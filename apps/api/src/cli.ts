import { PLUGINS_CHECKED } from '@trojanscope/core/pluginFolder';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/tree.js';
import { choosePlugins, pluginsOption } from './plugins/choose.js';

/** Of a command line that is none, whatever was wrong with it. */
const EXIT_USAGE = 2;

// Who reads (`head`, `less`) may have seen enough: then there is nobody to say more to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const words = process.argv.slice(2);
if (words[0] === '__complete') {
  const { complete } = await import('./commands/complete.js');
  await complete(words[1]!, words.slice(words.indexOf('--') + 1));
} else {
  await preparePlugins();
  await run();
}

/** Plugins are chosen before anything is loaded that lists definitions. */
async function preparePlugins(): Promise<void> {
  const chosen = choosePlugins(words);
  // The doctor tells what a server would take. Other commands look at the form of definitions alone, in no time.
  if (!chosen || words[0] !== 'doctor') return;
  const { tryPlugins } = await import('./plugins/tryPlugins.js');
  const { folder, dataFolder } = chosen;
  process.env[PLUGINS_CHECKED] = JSON.stringify(await tryPlugins(folder, { dataFolder }));
}

async function run(): Promise<void> {
  const program = new Command(
    process.env.npm_lifecycle_event === 'trojanscope' ? 'npm run trojanscope --' : 'trojanscope',
  )
    .description('When does a backdoor fail to fire, and why.')
    .option('-V, --version', 'output the version number')
    .addOption(pluginsOption())
    .addHelpText('after', '\nWith examples and exit status: docs/command-line.md');
  try {
    if (['-V', '--version'].includes(words[0]!)) {
      console.log((await import('@trojanscope/core')).VERSION);
      return;
    }
    const called = words[0] === 'help' ? words[1] : words[0];
    for (const { name, description, load } of COMMANDS) {
      // The rest has its name and description here, and its options when it is called.
      const command = name === called ? await load(words) : new Command(name);
      program.addCommand(command.description(description));
    }
    beOneOf(program);
    await program.parseAsync();
  } catch (error) {
    await end(error);
  }
}

/** All commands end alike. */
function beOneOf(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what it takes)');
  command.commands.forEach(beOneOf);
}

async function end(error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or shown the help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    return;
  }
  const { ConfigurationError, EXIT_CONFIG } = await import('./store/dataFolder.js');
  const { refusalOf } = await import('./store/diskFull.js');
  // A refusal of ours, or of the system (a file that may not be written): the message is for people.
  const refusal = refusalOf(error);
  const said = refusal ?? (error instanceof Error && 'syscall' in error ? error : undefined);
  if (!said) throw error;
  console.error(said.message);
  if (refusal instanceof ConfigurationError) process.exitCode = EXIT_CONFIG;
  else process.exitCode = refusal?.code === 'ABORTED' ? 130 : 1;
}
