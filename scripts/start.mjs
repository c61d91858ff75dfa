// npm start: brings this clone up, then becomes the server.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, standWhereNpmWasCalled } from './setup/places.mjs';
import { become, setUp } from './setup/setup.mjs';

const SERVER = 'apps/api/dist/server.js';

const HELP = `npm start -- [options]

Installs and builds what is missing, then starts the server.

  --engine cpu|gpu  which TensorFlow to get (default: gpu where there is an NVIDIA GPU; remembered)
`;

standWhereNpmWasCalled('start');
const { engine, help, rest } = readArguments(process.argv.slice(2));
if (help) {
  console.log(HELP);
  if (!existsSync(join(root, SERVER)))
    console.log('The server has options too; they are shown here once it is built.');
  else await become(SERVER, ['--help']);
} else {
  await setUp({ engine });
  // Set up, it is no longer developed: graphql-js then leaves out a second look at every value of an answer.
  process.env.NODE_ENV ??= 'production';
  await become(SERVER, rest);
}

/** Takes set-up's own options out; the rest is the server's. */
function readArguments(args) {
  const rest = [];
  let engine;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--engine') engine = args[++i] ?? 'nothing';
    else if (args[i].startsWith('--engine=')) engine = args[i].slice('--engine='.length);
    else rest.push(args[i]);
  }
  return { engine, help: rest.includes('--help') || rest.includes('-h'), rest };
}
