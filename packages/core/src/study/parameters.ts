import { z } from 'zod';
import { datasetOf } from '../datasets/index.js';
import { file, integer, seedOf, withoutDefault } from '../lib/params.js';
import { nameSchema } from '../requests.js';
import { type StudyDocument, trainedEntries } from './document.js';
import { PICTURE_OF } from './plan.js';
import { type StudyPresetId, studyPresets } from './presets.js';
import { MOST_CHARACTERS } from './readDocument.js';

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
  .optional()
  .describe('The preset; left out where there is a document.');
const document = z
  .string()
  .max(MOST_CHARACTERS)
  .optional()
  .describe('Instead of a preset, a study’s document: YAML or JSON, as study.schema.json has it.');
/** A path of one attack, from before there were documents. @param attack that says it there */
const insteadSaid = (path: typeof parameters.styleFolder, attack: string) => {
  const optional = withoutDefault(path);
  return optional.meta({ ...optional.meta(), deprecationReason: `A document says it: attack: ${attack}.` });
};
export const studyRequest = studyParameters.extend({
  preset,
  document,
  name: nameSchema.optional().describe('Its name; the preset’s or the document’s when left out.'),
  styleFolder: insteadSaid(parameters.styleFolder, '{ dfst: { style: cezanne, styleFolder: … } }'),
  generatorFile: insteadSaid(parameters.generatorFile, '{ dfst: { style: cezanne, generatorFile: … } }'),
  pictureFile: insteadSaid(parameters.pictureFile, '{ refool: { pictureFile: … } }'),
});
export type StudyRequest = z.output<typeof studyRequest>;
/** A study whose cost is wanted: its pictures change nothing about that. */
export const measureRequest = studyParameters
  .pick({ seed: true, seeds: true, sizePx: true })
  .extend({ preset, document });
export type MeasureRequest = z.output<typeof measureRequest>;

/** Of `studyParameters` those that change something about a preset, with its own defaults. */
export function parametersOfStudy(study: StudyDocument): z.ZodObject {
  const models = trainedEntries(study);
  const attacks = new Set(
    models.flatMap((entry) => entry.attacks.flatMap(({ attack }) => Object.keys(attack))),
  );
  const resized = models.map(({ dataset }) => datasetOf(dataset)).find(({ resizable }) => resizable);
  const used = Object.entries({
    ...parameters,
    ...(resized && { sizePx: sizePx(resized.shape.width) }),
  }).filter(([name]) => !(name in PICTURE_OF) || attacks.has(PICTURE_OF[name as keyof typeof PICTURE_OF]));
  return z.strictObject(Object.fromEntries(used));
}
