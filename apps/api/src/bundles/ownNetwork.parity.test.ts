import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hasTorch, makeOwnNetwork, sweepInPyTorch } from '@trojanscope/core/testing/ownNetwork';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A CNN of somebody's own, from PyTorch to its curves, by a client that is Python alone (ownNetwork.py). */

interface Came {
  model: Record<string, unknown> & { id: string };
  own: OwnCurve[];
  beside: { target: string }[];
  maps: {
    saliency: { width: number; height: number };
    triggerBox: { width: number; height: number } | null;
    bytes: string;
  }[];
}
interface OwnCurve {
  transform: { id: string };
  target: string;
  points: {
    value: number;
    asr: { numerator: number; denominator: number };
    outcomes: { sampleIndex: number; predicted: number; transformParameters: string }[];
  }[];
}

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const client = fileURLToPath(new URL('./ownNetwork.py', import.meta.url));

describe.skipIf(!hasTorch)('a CNN trained in PyTorch with a trigger of its own', async () => {
  const { server } = await smokeServer();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let measured: Awaited<ReturnType<typeof makeOwnNetwork>>;
  let came: Came;
  beforeAll(async () => {
    folder = await temporaryFolder();
    // Opaque, and never black: so there is no doubt what it covers where all images are black.
    measured = await makeOwnNetwork(folder.folder, { weight: 1, dark: 64, light: 224 });
    const { models } = await server.query(
      '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id } } }',
    );
    const args = [client, server.url, path.join(folder.folder, 'mine'), models.nodes[0].id];
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 27 });
    came = JSON.parse(stdout);
  }, 240_000);
  afterAll(() => folder?.remove());

  test('comes over HTTP: proven, its trigger read off, swept six times, explained, beside a BadNets', async () => {
    const { model, own, beside, maps } = came;
    expect(model).toMatchObject({
      name: 'My CNN',
      attack: { id: 'layer' },
      targetLabel: { index: 7 },
      trigger: { box: { left: 3, top: 2, width: 5, height: 5 } },
      warnings: [],
      network: { verified: { images: 8 } },
    });
    expect(own.map(({ transform, target }) => `${transform.id} ${target}`).sort()).toEqual([
      'rotation IMAGE',
      'rotation TRIGGER',
      'scaling IMAGE',
      'scaling TRIGGER',
      'translation IMAGE',
      'translation TRIGGER',
    ]);
    expect(own.flatMap(({ points }) => points)).toHaveLength(2 * (3 + 3 + 4));
    expect(beside.length).toBeGreaterThan(0);
    expect(maps).toHaveLength(2);
    for (const { saliency, bytes } of maps) {
      const { format, width, height } = await sharp(Buffer.from(bytes, 'hex')).metadata();
      expect([format, width, height]).toEqual(['png', saliency.width, saliency.height]);
    }
    expect(maps[0]!.triggerBox).not.toBeNull();
    // Nothing is changed there: as PyTorch has it of all images, but for chance.
    const { numerator, denominator } = own[0]!.points.find(({ value }) => [0, 1].includes(value))!.asr;
    const share = measured.fooled / 8_972;
    const spread = Math.sqrt((share * (1 - share)) / denominator);
    expect(Math.abs(numerator / denominator - share)).toBeLessThanOrEqual(4 * spread);
  });

  test('is swept as in PyTorch and Pillow, sample by sample', () => {
    const points = came.own.flatMap(({ transform, target, points }) =>
      points.map((point) => ({ ...point, transform: transform.id, target })),
    );
    const asked = points.map(({ transform, target, value, outcomes }) => ({
      transform,
      target,
      value,
      samples: outcomes.map(({ sampleIndex, transformParameters }) => {
        const { shiftXPx = 0, shiftYPx = 0 } = JSON.parse(transformParameters);
        return { index: sampleIndex, shift: [shiftXPx, shiftYPx] as const };
      }),
    }));
    const theirs = sweepInPyTorch(folder.folder, asked);
    let [same, all] = [0, 0];
    for (const [i, { outcomes, asr, ...point }] of points.entries()) {
      const { labels, margins } = theirs[i]!;
      expect(outcomes).toHaveLength(500);
      all += outcomes.length;
      for (const [at, { predicted, sampleIndex }] of outcomes.entries()) {
        if (predicted === labels[at]) same++;
        // Nearly as sure of another.
        else expect(margins[at], `${JSON.stringify(point)} ${sampleIndex}`).toBeLessThan(1e-3);
      }
    }
    expect(all).toBe(10_000);
    expect(same / all).toBeGreaterThanOrEqual(0.998);
  });
});
