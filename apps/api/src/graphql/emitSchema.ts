import { writeFile } from 'node:fs/promises';
import { studyJsonSchema } from '@trojanscope/core';
import { createSchema, schemaText } from './schema.js';

/** Writes packages/schema/schema.graphql, from which the web's types are made, and JSON Schema of studies, for editors. */
await writeFile(
  new URL('../../../../packages/schema/schema.graphql', import.meta.url),
  schemaText(await createSchema()),
);
await writeFile(
  new URL('../../../../packages/schema/study.schema.json', import.meta.url),
  `${JSON.stringify(studyJsonSchema(), null, 2)}\n`,
);
