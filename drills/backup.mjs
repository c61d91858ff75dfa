// node drills/backup.mjs [--models 300] [--data FOLDER]
// A backup of much while people write and a study runs, and what is restored from it: everything that was acknowledged
// before, every file by its hash, and a server that serves it. Needs a build (npm start or npm test makes one).
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { addCopies } from '@trojanscope/testing/modelCopies';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';
import { faultsIn, sha256 } from '@trojanscope/testing/wholeness';

const { values: options } = parseArgs({
  options: {
    /** How many copies of a model are to be there besides; 0 where the folder holds enough. */
    models: { type: 'string', default: '300' },
    /** A data folder with a finished study to work on a copy of; without it a smoke study is run first. */
    data: { type: 'string' },
  },
});
const MODELS = Number(options.models);
const CLI = fileURLToPath(new URL('../apps/api/dist/cli.js', import.meta.url));
const run = (...args) => promisify(execFile)(process.execPath, [CLI, ...args]);

const { check, end } = createFindings();
const data = await temporaryData(options.data);
const other = await temporaryData();
const [archive, restored] = [join(other.folder, 'all.zip'), join(other.folder, 'restored')];
const server = await startServer({ data: data.folder, args: ['--no-quickstart', '--rate-limit', '0'] });
if (!options.data) await runSmokeStudy(server);
const [original] = readdirSync(join(data.folder, 'models'));
for (const id of MODELS > 0 ? await addCopies(data.folder, MODELS) : [])
  cpSync(join(data.folder, 'models', original), join(data.folder, 'models', id), { recursive: true });
const { models } = await server.query('{ models(first: 50) { nodes { id } } }');
await server.mutate('runStudy', 'RunStudyInput', { preset: 'smoke', seed: 2 }, 'study { id }');

const written = [];
let saving = true;
let before;
const writing = (async () => {
  for (let i = 0; saving; i++) {
    const { id } = models.nodes[i % models.nodes.length];
    // A model holds fifty tags; those from before the backup stay, because they are looked for in it.
    const old = i - 40 * models.nodes.length;
    const input = { ids: [id], addTags: [`${i}`], ...(old >= before && { removeTags: [`${old}`] }) };
    const { errors } = await server.mutate('annotate', 'AnnotateInput', input, 'items { id }');
    check(errors.length === 0, `A tag was refused: ${JSON.stringify(errors)}`);
    written.push({ id, tag: `${i}` });
  }
})();
while (written.length < 10) await new Promise((resolve) => setTimeout(resolve, 10));
before = written.length;
const from = performance.now();
await run('backup', '--data', data.folder, '--to', archive);
const savedMs = performance.now() - from;
saving = false;
await writing;
await run('restore', '--data', restored, '--from', archive);
const restoredMs = performance.now() - from - savedMs;

for (const fault of faultsIn(restored)) check(false, fault);
const files = readdirSync(restored, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !/^(trojanscope\.sqlite|server\.lock)/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
for (const file of files) {
  const original = file.replace(restored, data.folder);
  check(existsSync(original) && sha256(original) === sha256(file), `${file} is not what it was.`);
}
const copy = await startServer({ data: restored, args: ['--no-quickstart', '--rate-limit', '0'] });
const TAGS = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Model { tags } } }';
const { nodes } = await copy.query(TAGS, { ids: models.nodes.map(({ id }) => id) });
const tags = new Map(nodes.map((node) => [node.id, new Set(node.tags)]));
for (const { id, tag } of written.slice(0, before)) check(tags.get(id).has(tag), `Tag ${tag} is lost.`);
const { totalCount } = (await copy.query('{ models(first: 1) { totalCount } }')).models;
check(totalCount >= MODELS, `${totalCount} models were restored.`);
await copy.stop();
await server.stop();
const bytes = statSync(archive).size;
await data.remove();
await other.remove();
end(
  {
    'models, files beside the database, archive': `${totalCount}, ${files.length}, ${(bytes / 2 ** 20).toFixed(0)} MB`,
    'files whose hash is the same': files.length,
    'tags written: before, meanwhile': `${before}, ${written.length - before}`,
    'saved in, restored in': `${(savedMs / 1000).toFixed(1)} s, ${(restoredMs / 1000).toFixed(1)} s`,
  },
  'All of it is there.',
);
