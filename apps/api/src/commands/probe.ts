import { writeFile } from 'node:fs/promises';
import { differencePicture } from '@trojanscope/core';
import { Command, Option } from 'commander';
import sharp from 'sharp';
import { localPath } from '../localPath.js';
import { type Api, modelIdOf, thing } from './asking/api.js';
import { catalogFor } from './asking/catalog.js';
import { methodOptions, type Setting, settingOption, targetOption } from './asking/method.js';
import { printJson, table } from './asking/print.js';
import { number, taking } from './asking/schemaOptions.js';
import { type ApiOptions, addressed, withApi } from './asking/where.js';

interface Options extends ApiOptions {
  sample: number;
  transform?: Setting;
  target?: 'TRIGGER' | 'IMAGE';
  seed?: number;
  to?: string;
  untrained?: boolean;
}

interface Look {
  image: { url: string };
  saliency: { url: string } | null;
  overlay: { url: string } | null;
  untrainedSaliency: { url: string } | null;
  trueLabel: { index: number; name: string };
  predicted: { index: number; name: string };
  probabilities: { probability: number }[];
  kind: string | null;
  visibleTrigger: number | null;
  triggerEnergy: number | null;
  chanceEnergy: number | null;
  pointingHit: boolean | null;
}
const LOOK = `{
  image { url width height } saliency { url } overlay { url } untrainedSaliency { url }
  trueLabel { index name } predicted { index name } probabilities { label { index name } probability }
  kind visibleTrigger explainedLabel { index name } triggerBox { top left height width } pointingHit triggerEnergy chanceEnergy
  noScore seconds
}`;

const FRAMES = ['clean', 'trojaned', 'transformed'] as const;
type Looks = Partial<Record<(typeof FRAMES)[number], Look>>;

/** `probe MODEL`: one test image through one model, at once; nothing is stored. */
export async function probeCommand(words: readonly string[]): Promise<Command> {
  const command = new Command('probe')
    .argument('<model>', 'id or name of a trained model')
    .requiredOption('--sample <number>', 'index of the sample in the test split', number)
    .addOption(settingOption('How to transform it, such as rotation=15'))
    .addOption(targetOption('What to transform'))
    .addOption(
      new Option('--seed <number>', 'Decides what is drawn, such as a direction (default: 1)').argParser(
        number,
      ),
    )
    .option('--untrained', 'explain the network with random weights too, as a check of the method')
    .option(
      '--to <file>',
      'write the strip as a PNG: clean, trojaned and transformed, their maps below, last what the map shows more (red) or less (blue) than before',
    );
  const howOf = methodOptions(
    command,
    await catalogFor(words),
    words,
    taking('sample', 'transform', 'target', 'seed', 'untrained', 'to', 'method'),
  );
  return addressed(command).action(async (word: string, given: Options) => {
    await withApi(given, false, async (api) => {
      const modelId = await modelIdOf(api, word);
      const explain = await howOf(api, given as unknown as Record<string, unknown>);
      const looks = await lookAt(api, modelId, { ...given, explain });
      if (given.to) await writeFile(localPath(given.to), await stripOf(api, looks));
      if (given.json) printJson(looks);
      else console.log(show(looks));
    });
  });
}

/** One operation: each frame of the strip is a probe of its own in it. */
async function lookAt(
  api: Api,
  modelId: string,
  { sample, transform, target = 'IMAGE', seed, explain, untrained }: Options & { explain: object },
): Promise<Looks> {
  const { kind } = await thing<{ kind: string }>(api, 'Model', modelId, 'kind');
  const trojaned = kind === 'TROJANED';
  const plain = { modelId, sampleIndex: sample, seed, explain, untrained };
  const inputs: Partial<Record<(typeof FRAMES)[number], object>> = { clean: plain };
  if (trojaned) inputs.trojaned = { ...plain, trigger: true };
  if (transform) inputs.transformed = { ...plain, trigger: trojaned, transform: { ...transform, target } };
  const names = Object.keys(inputs);
  return api.ask<Looks>(
    `query (${names.map((name) => `$${name}: ProbeInput!`).join(' ')}) {
      ${names.map((name) => `${name}: probe(input: $${name}) ${LOOK}`).join('\n')}
    }`,
    inputs,
  );
}

function show(looks: Looks): string {
  const share = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return table(
    [
      '',
      'is',
      'taken for',
      'sure',
      'trigger in the frame',
      'maximum of the map',
      'energy in the trigger',
      'by chance',
    ],
    FRAMES.flatMap((name) => {
      const look = looks[name];
      if (!look) return [];
      return [
        [
          name,
          look.trueLabel.name,
          look.kind ? `${look.predicted.name} (${look.kind.toLowerCase()})` : look.predicted.name,
          `${(100 * look.probabilities[0]!.probability).toFixed(1)} %`,
          look.visibleTrigger === null ? '–' : `${(100 * look.visibleTrigger).toFixed(0)} %`,
          look.pointingHit === null ? '–' : look.pointingHit ? 'in the trigger' : 'elsewhere',
          share(look.triggerEnergy),
          share(look.chanceEnergy),
        ],
      ];
    }),
  );
}

/** A frame is at least that wide, in whole multiples of its pixels. */
const FRAME_PX = 128;
const GAP_PX = 4;

/** Pictures side by side, their maps below; at the end the difference of the last two maps. */
async function stripOf(api: Api, looks: Looks): Promise<Buffer> {
  const shown = FRAMES.flatMap((name) => looks[name] ?? []);
  const pictures = async (address: string | undefined) => (address ? api.picture(address) : undefined);
  const columns = await Promise.all(
    shown.map(async ({ image, overlay, saliency, untrainedSaliency }) => ({
      cells: await Promise.all([image.url, overlay?.url, untrainedSaliency?.url].map(pictures)),
      map: await pictures(saliency?.url),
    })),
  );
  const [before, after] = columns.slice(-2).map(({ map }) => map);
  const difference =
    before && after && columns.length > 1 ? await differencePicture(after, before) : undefined;
  const grid = columns.map(({ cells }) => cells);
  if (difference) grid.push([undefined, difference]);
  const { width, height } = await sharp(columns[0]!.cells[0]).metadata();
  const scale = Math.max(1, Math.ceil(FRAME_PX / width!));
  const [wide, high] = [width! * scale, height! * scale];
  const rows = Math.max(...grid.map((cells) => cells.findLastIndex((cell) => cell !== undefined) + 1));
  const parts = await Promise.all(
    grid.flatMap((cells, column) =>
      cells.flatMap((cell, row) =>
        cell
          ? [
              sharp(cell)
                .resize(wide, high, { kernel: 'nearest', fit: 'fill' })
                .toBuffer()
                .then((input) => ({
                  input,
                  left: GAP_PX + column * (wide + GAP_PX),
                  top: GAP_PX + row * (high + GAP_PX),
                })),
            ]
          : [],
      ),
    ),
  );
  return sharp({
    create: {
      width: GAP_PX + grid.length * (wide + GAP_PX),
      height: GAP_PX + rows * (high + GAP_PX),
      channels: 3,
      background: 'white',
    },
  })
    .composite(parts)
    .png()
    .toBuffer();
}
