/** The science: tensors in, numbers out. No database, no HTTP. Importing it loads no engine; `loadEngine` does. */

export { toGrey } from './attacks/art/luminance.js';
export { createTrigger, type Trigger } from './attacks/trigger.js';
export type { TriggerFiles } from './attacks/triggerFiles.js';
export { loadSplit } from './datasets/loadSplit.js';
export * from './definitions.js';
export {
  type Auroc,
  aurocOf,
  cornersOf,
  type DetectionMeasures,
  FALSE_POSITIVE_RATES,
  measureScores,
  type OperatingPoint,
  permuted,
  type RocPoint,
  rocOf,
  type Scored,
  whyNoMeasures,
} from './detect/measures.js';
export {
  type AnsweredImage,
  isPurifier,
  mergePurifiers,
  type Purifier,
  type PurifierStep,
  purifiersOf,
  purifierText,
  stepText,
} from './detect/purifiers.js';
export { type DetectedImage, type DetectionPart, runDetection } from './detect/runDetection.js';
export { type ShownView, type ShownViews, showViews, viewPicture } from './detect/shownViews.js';
export {
  type DetectionSummary,
  isAsExpected,
  type JudgedImage,
  type Measured,
  POPULATIONS,
  type Population,
  scoresOf,
  summarize,
} from './detect/summary.js';
export { type DetectionSpec, IMAGE_KINDS, type ImageKind, type ImagePlace } from './detect/views.js';
export { differencePicture } from './explain/difference.js';
export { createExplainer, type ExplainSubject, explainSubjects } from './explain/explain.js';
export type { Faithfulness } from './explain/faithfulness.js';
export { createProber, type ProbeRequest, type ProbeResult, type Prober } from './explain/probe.js';
export { type SaliencyScore, whyNoScore } from './explain/score.js';
export { explainStrip, type StripFrame, type StripSubject } from './explain/strip.js';
export { checkTrainingTransforms, completeBackdoor } from './implant/backdoor.js';
export { BUNDLE_FILES, type CheckedModel, checkBundle, checkReading } from './implant/bundle.js';
export { completeModel } from './implant/bundleMeasures.js';
export type { BundleRecord } from './implant/bundleRecord.js';
export { type BundleSource, fileSource, folderSource } from './implant/bundleSource.js';
export { checkNetwork, holdsNetwork, type ImportAnswers } from './implant/importNetwork.js';
export {
  doubtAsr,
  type ImportedTrigger,
  importTrigger,
  type ReadTarget,
  readTarget,
} from './implant/importTrigger.js';
export {
  checkSameNormalization,
  type FreshModel,
  type MakingOptions,
  makeModel,
} from './implant/makeModel.js';
export {
  architectureOf,
  type BackdoorSpec,
  isImported,
  loadModel,
  type Model,
  type ModelRecord,
  type ModelSpec,
  networkOf,
  ownArchitecture,
  partsOf,
  pluginsOf,
  saveModel,
  shownPartsOf,
} from './implant/model.js';
export { checkPoisonRate, type PoisonCount, plannedCovers, plannedPoison } from './implant/poison.js';
export { createClassifier } from './inference/classifier.js';
export { type EngineInfo, loadEngine, tf } from './lib/backend.js';
export { compile } from './lib/compile.js';
export { crc32 } from './lib/crc32.js';
export { writeWhole } from './lib/files.js';
export { IMAGE_EXTENSIONS, knowsImage, openImage } from './lib/imageFile.js';
export { createRandom } from './lib/random.js';
export { readSafetensors, writeSafetensors } from './lib/safetensors.js';
export { mcNemarExact, wilson95 } from './lib/statistics.js';
export { bytesOf } from './lib/tensors.js';
export { VERSION } from './lib/version.js';
export type { GraphImage, OnnxGraph } from './onnx/graph.js';
export {
  type ImportedNetwork,
  importedNetwork,
  type NetworkSummary,
  type SummaryNode,
  summaryOf,
} from './onnx/network.js';
export type { ExternalReader } from './onnx/onnxFile.js';
export { seenOf } from './onnx/reading.js';
export { type OnnxNetwork, readOnnx } from './onnx/readOnnx.js';
export { type ComparedMap, type Comparison, compareMaps, pickCompared } from './study/comparison.js';
export { measureAnswers, measurePace, type Pace } from './study/measurePace.js';
export {
  type PickableOutcome,
  type PickedOutcome,
  pickScored,
  pickStory,
  type StripSample,
  type StudyPoint,
} from './study/picks.js';
export { cleanRange } from './sweep/cleanRange.js';
export { OUTCOME_KINDS, type OutcomeKind, outcomeKind, type PointCounts } from './sweep/outcomes.js';
export {
  outcomePicture,
  samplePicture,
  triggerOnSample,
  triggerPicture,
  trojanedPicture,
} from './sweep/pictures.js';
export { triggerRefusal } from './sweep/subjects.js';
export {
  checkEligibility,
  type Eligibility,
  runSweep,
  type SweepPoint,
  type SweepSpec,
} from './sweep/sweep.js';
export { loadCheckpoint, saveCheckpoint } from './training/checkpoint.js';
export { batchSizeOf, type Recipe, recipeSchema } from './training/recipe.js';
export type { Checkpoint } from './training/train.js';
export { train } from './training/train.js';
export type { RangeTrial } from './transforms/largestRange.js';
