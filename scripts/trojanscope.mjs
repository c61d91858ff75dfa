// npm run trojanscope -- COMMAND: brings this clone up as far as commands need it, then becomes the CLI.
import { become, setUp } from './setup/setup.mjs';

const args = process.argv.slice(2);
await setUp({ dashboard: false, thorough: args[0] === 'doctor' });
await become('apps/api/dist/cli.js', args);
