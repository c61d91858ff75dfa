// npm run trojanscope -- COMMAND: brings this clone up as far as commands need it, then becomes the CLI.
import { standWhereNpmWasCalled } from './setup/places.mjs';
import { become, setUp } from './setup/setup.mjs';

standWhereNpmWasCalled('trojanscope');
const args = process.argv.slice(2);
await setUp({ dashboard: false, thorough: args[0] === 'doctor' });
await become('apps/api/dist/cli.js', args);
