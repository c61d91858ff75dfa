import type { Command } from 'commander';

/**
 * Every command with what it does, and how it is loaded. Only the one that is called is: help and completion of the rest
 * need no more than this.
 */
interface Entry {
  name: string;
  description: string;
  /** @param words of the command line; what there is to choose from may be a server's */
  load(words: readonly string[]): Promise<Command>;
}

export const COMMANDS: readonly Entry[] = [
  {
    name: 'doctor',
    description: 'tell what engine, device and data are in use, and what is missing',
    load: async () => (await import('./doctor.js')).doctorCommand(),
  },
  {
    name: 'data',
    description: 'see, fetch, import and remove data sets',
    load: async () => (await import('./data.js')).dataCommand(),
  },
  {
    name: 'train',
    description: 'train a benign model',
    load: async (words) => (await import('./train.js')).trainCommand(words),
  },
  {
    name: 'implant',
    description: 'train a model with a backdoor: a command for each attack, with its parameters',
    load: async (words) => (await import('./train.js')).implantCommand(words),
  },
  {
    name: 'sweep',
    description: 'measure how often a backdoor fires under a transform, at each of some values',
    load: async (words) => (await import('./sweep.js')).sweepCommand(words),
  },
  {
    name: 'range',
    description: 'find how far clean images may be transformed before a model fails',
    load: async (words) => (await import('./sweep.js')).rangeCommand(words),
  },
  {
    name: 'explain',
    description: 'tell what a model looks at, of samples of a sweep, and how well the map finds the trigger',
    load: async (words) => (await import('./explain.js')).explainCommand(words),
  },
  {
    name: 'probe',
    description: 'look at one image through one model at once, and write it with its maps as a PNG',
    load: async (words) => (await import('./probe.js')).probeCommand(words),
  },
  {
    name: 'curve',
    description: 'show what sweeps came to: a table, CSV, or drawn here',
    load: async (words) => (await import('./curve.js')).curveCommand(words),
  },
  {
    name: 'compare',
    description: 'tell in what two models differ, and what came of it',
    load: async () => (await import('./compare.js')).compareCommand(),
  },
  {
    name: 'watch',
    description: 'show what runs and what is queued, as it goes on',
    load: async () => (await import('./watch.js')).watchCommand(),
  },
  {
    name: 'model',
    description: 'see models, write them into archives, take them in, and try detectors on them',
    load: async (words) => (await import('./model.js')).modelCommand(words),
  },
  {
    name: 'study',
    description: 'run whole studies, go on with them, and write their reports',
    load: async () => (await import('./study.js')).studyCommand(),
  },
  {
    name: 'plugins',
    description: 'check definitions of your own (docs/plugins.md)',
    load: async () => (await import('./plugins.js')).pluginsCommand(),
  },
  {
    name: 'backup',
    description: 'write everything into one archive, while the server runs or not',
    load: async () => (await import('./backup.js')).backupCommand(),
  },
  {
    name: 'restore',
    description: 'make a data folder of a backup, every file checked against its hash',
    load: async () => (await import('./backup.js')).restoreCommand(),
  },
  {
    name: 'user',
    description: 'see accounts, make them, give new passwords (docs/accounts.md)',
    load: async () => (await import('./user.js')).userCommand(),
  },
  {
    name: 'completion',
    description: 'print what completes commands in bash, zsh or fish',
    load: async () => (await import('./completion.js')).completionCommand(),
  },
];
