/**
 * What exists and what it takes, without the engine: for schema, API and forms. Nothing here computes, and importing it
 * loads no native code.
 */
export type { Start } from './architectures/architecture.js';
export {
  type ArchitectureId,
  architectures,
  IMPORTED,
  type NetworkId,
  networks,
} from './architectures/index.js';
export {
  checkNormalization,
  type Normalization,
  normalizationSchema,
} from './architectures/normalization.js';
export { type AttackId, attackOf, attacks, implantable, withDefaults } from './attacks/index.js';
export { type ClassOrder, SPLITS, type SplitName } from './datasets/dataset.js';
export {
  type DatasetId,
  datasetIds,
  datasetInfoOf,
  datasetOf,
  datasets,
  whyMissing,
} from './datasets/index.js';
export { isInstalled, useDataFolder } from './datasets/installed.js';
export { PACKED_FORMAT } from './datasets/packed.js';
export { type Answers, BLENDS, type DetectorDefinition, type View } from './detect/detector.js';
export { type DetectorId, detectorNotes, detectorOf, detectors, oneDetector } from './detect/index.js';
export { type ExplainerId, explainerOf, explainers } from './explainers/index.js';
export { whyCollapsed } from './implant/nearChance.js';
export { backdoorOf, chosenAttack, specOf } from './implant/spec.js';
export { ERROR_CODES, type ErrorCode, TrojanscopeError } from './lib/errors.js';
export type { Box, ImageShape } from './lib/images.js';
export { byCodePoint, byNumber, isLitter, normalName } from './lib/names.js';
export { canonical, id, integer, parseParameters, withoutNulls } from './lib/params.js';
export {
  notesOf,
  PLUGIN_KINDS,
  type PluginFile,
  type PluginKind,
  type PluginNote,
  pluginFiles,
  rememberNotes,
  requirePlugins,
} from './lib/plugins.js';
export { decodeText, parseStrictJson } from './lib/strictJson.js';
export * from './requests.js';
export {
  type ScoredExplanations,
  type StudyDocument,
  scoredSchema,
  studyDocumentSchema,
} from './study/document.js';
export { within } from './study/grid.js';
export { studyJsonSchema } from './study/jsonSchema.js';
export {
  type MeasureRequest,
  measureRequest,
  parametersOfStudy,
  type StudyRequest,
  studyParameters,
  studyRequest,
} from './study/parameters.js';
export {
  type OwnModel,
  type PlannedGroup,
  type PlannedModel,
  planStudy,
  type StudyOptions,
  withOptions,
} from './study/plan.js';
export { presetText, type StudyPresetId, studyPresets, TABLE_3 } from './study/presets.js';
export {
  documentSha256,
  placedIn,
  type ReadStudy,
  readStudyDocument,
  writeStudyDocument,
} from './study/readDocument.js';
export type { StudyDetection, StudyModel, StudyResults } from './study/results.js';
export { type JudgedStatement, VERDICTS, type Verdict } from './study/statements.js';
export { augmentationSchema } from './training/recipe.js';
export { checkTransformValue, type TransformId, transformOf, transforms } from './transforms/index.js';
export {
  completeTransforms,
  randomTransformSchema,
  TRAINING_TARGETS,
  type TrainingTransforms,
  trainingTransformsSchema,
} from './transforms/randomly.js';
export { TRANSFORM_TARGETS, type TransformTarget } from './transforms/transform.js';
