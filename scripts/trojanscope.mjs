#!/usr/bin/env node
// npm run trojanscope -- COMMAND, or trojanscope COMMAND: brings this clone up as far as commands need it, then becomes the CLI.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, standWhereNpmWasCalled } from './setup/places.mjs';
import { become, setUp } from './setup/setup.mjs';

const CLI = 'apps/api/dist/cli.js';

standWhereNpmWasCalled('trojanscope');
const args = process.argv.slice(2);
// A shell asks these at its start, and at each press of the tabulator: they are quick, and set nothing up.
const forShell = ['__complete', 'completion'].includes(args[0]);
if (!(forShell && existsSync(join(root, CLI))))
  await setUp({ dashboard: false, thorough: args[0] === 'doctor' });
await become(CLI, args);
