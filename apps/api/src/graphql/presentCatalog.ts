import {
  type ArchitectureId,
  type AttackId,
  architectures,
  attackOf,
  attacks,
  type DatasetId,
  type DetectorId,
  datasetIds,
  datasetInfoOf,
  detectionParameters,
  detectorOf,
  detectors,
  type ExplainerId,
  explainerOf,
  explainers,
  IMPORTED,
  implantable,
  implantParameters,
  type NetworkId,
  networks,
  parametersOfStudy,
  presetText,
  type Recipe,
  recipeSchema,
  type StudyDocument,
  type StudyPresetId,
  smoothGradParameters,
  studyPresets,
  sweepParameters,
  type TransformId,
  trainingParameters,
  transformOf,
  transforms,
  triggerRefusal,
  whyMissing,
  writeStudyDocument,
} from '@trojanscope/core';
import { detectorSchema, parameterSchema } from '@trojanscope/schema';
import { z } from 'zod';

/** Definitions in the words of the schema: what there is to choose from, and what models, sweeps and studies refer to. */

/** What is defined once and for all is put into words once: a list of models refers to the same few again and again. */
function remembered<Id extends string, Presented>(present: (id: Id) => Presented): (id: Id) => Presented {
  const known = new Map<Id, Presented>();
  return (id) => {
    if (!known.has(id)) known.set(id, present(id));
    return known.get(id)!;
  };
}

export const presentLabel = (dataset: DatasetId, index: number) => ({
  index,
  name: datasetInfoOf(dataset).classNames[index] ?? String(index),
});

export const presentAttack = remembered((id: AttackId) => {
  const { title, description, paper, poisonRate, training } = attackOf(id);
  const refusal = triggerRefusal(id);
  return {
    id,
    title,
    description,
    paper,
    parameters: parameterSchema(id),
    transformsTrigger: refusal === null,
    triggerRefusal: refusal,
    poisonRate,
    coverRatio: training?.coverRatio ?? 0,
  };
});

export const presentDetector = remembered((id: DetectorId) => {
  const { title, description, source, labelsOnly } = detectorOf(id);
  return { id, title, description, source, parameters: detectorSchema(id), labelsOnly };
});

export const presentTransform = remembered((id: TransformId) => ({ id, ...transformOf(id) }));

export const presentExplainer = remembered((id: ExplainerId) => {
  const { title, description, paper, parameters } = explainerOf(id);
  return { id, title, description, paper, parameters: inputSchema(parameters) };
});

/** Data sets come and go; what takes a look at the disk, or a list as long as the classes, is made when asked for. */
export const presentDataset = (id: DatasetId) => {
  const { title, description, source, shape, resizable, classNames, classOrder, counts, howToGet } =
    datasetInfoOf(id);
  return {
    id,
    title,
    description,
    source,
    ...shape,
    get classes() {
      return classNames.map((name, index) => ({ index, name }));
    },
    classOrder: classOrder ?? null,
    trainCount: counts.train,
    testCount: counts.test,
    resizable,
    get installed() {
      return datasetIds().includes(id) && whyMissing(id) === undefined;
    },
    howToGet: howToGet ?? [],
  };
};

export type PresentedDataset = ReturnType<typeof presentDataset>;

export const presentArchitecture = remembered((id: NetworkId) => {
  // Nobody published it, and it is not trained here.
  if (id === IMPORTED)
    return { id, ...networks[id], paper: { citation: '', url: '' }, recipe: {}, retrainingRecipe: {} };
  const { title, description, paper, recipes } = architectures[id];
  return {
    id,
    title,
    description,
    paper,
    recipe: recipeParameters(recipes.SCRATCH),
    retrainingRecipe: recipeParameters(recipes.MODEL),
  };
});

/** JSON Schema of a recipe, with the defaults of one. */
function recipeParameters(own: Recipe): object {
  const { properties, ...rest } = inputSchema(recipeSchema);
  const withDefaults = Object.entries(properties!).map(([name, schema]) => {
    const fallback = own[name as keyof Recipe];
    return [name, fallback === undefined ? schema : { ...(schema as object), default: fallback }];
  });
  return { ...rest, required: [], properties: Object.fromEntries(withDefaults) };
}

export const presentPreset = remembered((id: StudyPresetId) => {
  const { title, description } = studyPresets[id];
  const parameters = inputSchema(parametersOfStudy(studyPresets[id]));
  return { id, title, description, parameters, document: presetText(id) };
});

/** What stands for the preset of a study that came as a document. */
export const presentOwn = (document: StudyDocument) => ({
  id: 'own' as const,
  title: 'Own document',
  description: document.description,
  parameters: inputSchema(z.strictObject({})),
  get document() {
    return writeStudyDocument(document);
  },
});

const inputSchema = (parameters: z.ZodType) => z.toJSONSchema(parameters, { io: 'input' });

export const presentCatalog = () => ({
  attacks: implantable.map(presentAttack),
  importedAttacks: (Object.keys(attacks) as AttackId[])
    .filter((id) => attackOf(id).imported)
    .map(presentAttack),
  transforms: (Object.keys(transforms) as TransformId[]).map(presentTransform),
  detectors: (Object.keys(detectors) as DetectorId[]).map(presentDetector),
  explainers: (Object.keys(explainers) as ExplainerId[]).map(presentExplainer),
  datasets: datasetIds().map(presentDataset),
  architectures: (Object.keys(architectures) as ArchitectureId[]).map(presentArchitecture),
  studyPresets: (Object.keys(studyPresets) as StudyPresetId[]).map(presentPreset),
  trainingParameters: inputSchema(trainingParameters),
  implantParameters: inputSchema(implantParameters),
  sweepParameters: inputSchema(sweepParameters),
  detectionParameters: inputSchema(detectionParameters),
  smoothGradParameters: inputSchema(smoothGradParameters),
});
