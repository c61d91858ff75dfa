#!/usr/bin/env node
// npm run trojanscope -- COMMAND, or trojanscope COMMAND: brings this clone up as far as commands need it, then becomes the CLI.
import { standWhereNpmWasCalled } from './setup/places.mjs';
import { become, setUp } from './setup/setup.mjs';

standWhereNpmWasCalled('trojanscope');
const args = process.argv.slice(2);
// What a press of the tabulator asks must be quick, and sets nothing up.
if (args[0] !== '__complete') await setUp({ dashboard: false, thorough: args[0] === 'doctor' });
await become('apps/api/dist/cli.js', args);
