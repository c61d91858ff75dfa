import { writeFile } from 'node:fs/promises';
import { createSchema, schemaText } from './schema.js';

/** Writes packages/schema/schema.graphql, from which the web's types are made. */
await writeFile(
  new URL('../../../../packages/schema/schema.graphql', import.meta.url),
  schemaText(await createSchema()),
);
