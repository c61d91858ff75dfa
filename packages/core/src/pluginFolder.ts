/** For who chooses plugins before anything that lists definitions is loaded. */
export * from './lib/pluginFolder.js';
