import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

let data: Awaited<ReturnType<typeof temporaryData>>;
beforeEach(async () => {
  data = await temporaryData();
});
afterEach(() => data.remove());

const leave = async (place: string) => {
  const file = path.join(data.folder, place);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'half');
};
const left = async () =>
  (await readdir(data.folder, { recursive: true })).filter((name) => /half|whole/.test(name)).sort();

test('what a kill left is gone after the next start; what another process may be writing, and what is whole, stays', async () => {
  const { pid: gone } = spawnSync('true');
  const worker = spawn('sleep', ['600']);
  try {
    await leave(`checkpoints/half.safetensors.${gone}.aaaaaaaa.part`);
    await leave(`artifacts/half.png.${gone}.aaaaaaaa.part`);
    await leave(`models/half.${gone}.aaaaaaaa.part/half.weights`);
    await leave('uploads/half.zip.part');
    // As versions before left it.
    await leave('models/half.part/half.weights');
    await leave(`models/half.${worker.pid}.bbbbbbbb.part/half.weights`);
    await leave(`checkpoints/half.safetensors.${worker.pid}.bbbbbbbb.part`);
    // Of a process that had this number before.
    await leave(`checkpoints/half.safetensors.${worker.pid}.cccccccc.part`);
    const old = path.join(data.folder, `checkpoints/half.safetensors.${worker.pid}.cccccccc.part`);
    await utimes(old, new Date('2026-01-01'), new Date('2026-01-01'));
    await leave('checkpoints/whole.safetensors');
    // A download goes on from its half.
    await leave('downloads/half.zip.part');
    const server = await startServer({ data: data.folder });
    await server.stop();
    expect(await left()).toEqual(
      [
        `models/half.${worker.pid}.bbbbbbbb.part`,
        `models/half.${worker.pid}.bbbbbbbb.part/half.weights`,
        `checkpoints/half.safetensors.${worker.pid}.bbbbbbbb.part`,
        'checkpoints/whole.safetensors',
        'downloads/half.zip.part',
      ].sort(),
    );
  } finally {
    worker.kill('SIGKILL');
  }
});
