// node drills/fuzz.mjs [--examples 200] [--seed 1] [--data FOLDER]
// Schemathesis, a fuzzer that others wrote, against a server with a finished smoke study: random requests for every
// operation of the schema. Needs a build, and Schemathesis: pip install --target FOLDER schemathesis, then PYTHONPATH=FOLDER.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';

const { values: options } = parseArgs({
  options: {
    /** For each query and mutation. */
    examples: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    /** A data folder to work on a copy of; without it a smoke study is run first. */
    data: { type: 'string' },
  },
});

const data = await temporaryData(options.data);
const server = await startServer({ data: data.folder, args: ['--no-quickstart', '--rate-limit', '0'] });
if (!options.data) await runSmokeStudy(server);

// Its own check for server errors takes any answer without data for one, a plain NOT_FOUND too.
const checks = 'no_fault_of_ours,nothing_from_inside';
const fuzzer = spawn(
  'python3',
  ['-m', 'schemathesis.cli', 'run', `${server.url}/graphql`]
    .concat(['--max-examples', options.examples, '--seed', options.seed])
    .concat(['--checks', checks, '--phases', 'fuzzing', '--no-color']),
  {
    stdio: 'inherit',
    // It leaves what it remembers where it runs.
    cwd: data.folder,
    env: { ...process.env, SCHEMATHESIS_HOOKS: fileURLToPath(new URL('fuzzChecks.py', import.meta.url)) },
  },
);
const code = await new Promise((resolve) => fuzzer.on('close', resolve));
const faults = server.log().match(/request [0-9a-f-]{36}:/g)?.length ?? 0;
const live = await fetch(`${server.url}/livez`).then(
  ({ status }) => status,
  () => 'none',
);
const { code: exit } = await server.stop();
await data.remove();
console.log(
  `Schemathesis ended with ${code}; faults in the server's log: ${faults}; alive: ${live}; exit code ${exit}.`,
);
process.exit(code === 0 && faults === 0 && live === 200 && exit === 0 ? 0 : 1);
