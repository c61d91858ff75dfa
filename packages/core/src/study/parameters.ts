import { z } from 'zod';
import type { AttackId } from '../attacks/index.js';
import { datasetOf } from '../datasets/index.js';
import { file, integer, seedOf, withoutDefault } from '../lib/params.js';
import { nameSchema } from '../requests.js';
import { type StudyPreset, type StudyPresetId, studyPresets } from './presets.js';

const sizePx = (own: number) =>
  integer(32, 512, own, 'px', 'Side of the square that images are resized to, where they can be.');

/** What a study takes in addition to its preset. */
const parameters = {
  seed: seedOf('initialisation, order of batches, poisoned images and samples'),
  seeds: integer(1, 20, 1, '', 'How many seeds: the whole study runs for each, from the first on.'),
  styleFolder: file('A folder of paintings on the server for DFST’s style; our own sunsets when left out.'),
  generatorFile: file('A file on the server with a generator for DFST, trained on such paintings before.'),
  pictureFile: file('A picture on the server that Reflection reflects; our own apple when left out.'),
};
export const studyParameters = z.strictObject({ ...parameters, sizePx: withoutDefault(sizePx(96)) });

const preset = z
  .enum(Object.keys(studyPresets) as [StudyPresetId, ...StudyPresetId[]])
  .describe('The preset.');
export const studyRequest = studyParameters.extend({
  preset,
  name: nameSchema.optional().describe('Its name; the preset’s when left out.'),
  styleFolder: withoutDefault(parameters.styleFolder),
  generatorFile: withoutDefault(parameters.generatorFile),
  pictureFile: withoutDefault(parameters.pictureFile),
});
export type StudyRequest = z.output<typeof studyRequest>;
/** A study whose cost is wanted: its pictures change nothing about that. */
export const measureRequest = studyParameters
  .pick({ seed: true, seeds: true, sizePx: true })
  .extend({ preset });
export type MeasureRequest = z.output<typeof measureRequest>;

/** Whose pictures these are. */
export const PICTURE_OF = {
  styleFolder: 'dfst',
  generatorFile: 'dfst',
  pictureFile: 'refool',
} as const satisfies Record<string, AttackId>;

/** Of `studyParameters` those that change something about a preset, with its own defaults. */
export function parametersOfStudy({ subjects }: StudyPreset): z.ZodObject {
  const attacks = new Set(subjects.flatMap((subject) => subject.attacks.map(({ attack }) => attack)));
  const resized = subjects.map(({ dataset }) => datasetOf(dataset)).find(({ resizable }) => resizable);
  const used = Object.entries({
    ...parameters,
    ...(resized && { sizePx: sizePx(resized.shape.width) }),
  }).filter(([name]) => !(name in PICTURE_OF) || attacks.has(PICTURE_OF[name as keyof typeof PICTURE_OF]));
  return z.strictObject(Object.fromEntries(used));
}
