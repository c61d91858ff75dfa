import {
  batchSizeOf,
  type DatasetId,
  datasetInfoOf,
  documentSha256,
  type ExplainSettings,
  type ModelSpec,
  mcNemarExact,
  type NetworkSummary,
  type OperatingPoint,
  type OutcomeKind,
  outcomeKind,
  type PluginNote,
  type Population,
  type ProbeResult,
  plannedCovers,
  plannedPoison,
  pluginsOf,
  type RangeTrial,
  type SaliencyScore,
  type ShownViews,
  type StudyPresetId,
  shownPartsOf,
  transformOf,
  whyCollapsed,
  whyNoScore,
  wilson95,
  withDefaults,
  writeStudyDocument,
} from '@trojanscope/core';
import { type Estimate, type JudgedPurifier, purifierText } from '@trojanscope/core/evaluation';
import { type Block, base64Of, type StudyReport } from '@trojanscope/report';
import type { Purifier, Rate } from '@trojanscope/schema';
import type { Selectable } from 'kysely';
import type { ClassSummary } from '../datasets/classes.js';
import { THUMBNAIL_PX } from '../store/artifacts.js';
import type { Curation, Row, Shown, StoredMeasures } from '../store/database.js';
import { unpackAnswers } from '../store/detections.js';
import type { StoredComparison } from '../store/explanations.js';
import { detectionImageId, detectionViewId, outcomeId, sampleId } from '../store/ids.js';
import { type Job, priorityOf } from '../store/jobs.js';
import { documentOf } from '../store/studies.js';
import type { Viewer } from '../viewer.js';
import {
  presentArchitecture,
  presentAttack,
  presentDataset,
  presentDetector,
  presentExplainer,
  presentLabel,
  presentOwn,
  presentPreset,
  presentTransform,
} from './presentCatalog.js';

/** Rows in the words of the schema. What needs another row is left to the resolvers. */

export function rate(numerator: number, denominator: number, definition: string): Rate {
  const value = denominator === 0 ? 0 : numerator / denominator;
  return { value, numerator, denominator, ...wilson95(numerator, denominator), definition };
}

/** Classes in the data set's order; nothing of one that is not here. */
export const presentClasses = (id: DatasetId, summaries: readonly ClassSummary[] | undefined) =>
  summaries?.map(({ examples, ...counts }, index) => ({
    label: presentLabel(id, index),
    ...counts,
    examples: examples.map((place) =>
      picture(`/artifacts/${sampleId({ dataset: id }, place)}`, datasetInfoOf(id).shape),
    ),
  }));

export function presentJob(row: Job) {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    status: row.status,
    attempt: row.attempt,
    priority: priorityOf(row.priority),
    plugins: (row.payload.plugins as PluginNote[] | undefined) ?? [],
    error: row.error_code && { code: row.error_code, message: row.error_message ?? '' },
    createdAt: new Date(row.created_at),
    startedAt: row.started_at && new Date(row.started_at),
    finishedAt: row.finished_at && new Date(row.finished_at),
    row,
  };
}
export type PresentedJob = ReturnType<typeof presentJob>;

/** An ETA needs a pace: ten units of this attempt for long counts, one for short ones. */
export function etaSeconds(
  { status, done, total, done_at_start }: Job,
  secondsRunning: number,
): number | null {
  const since = done - done_at_start;
  if (status !== 'RUNNING' || total === 0 || since < Math.min(10, Math.max(1, total / 10))) return null;
  return ((total - done) * secondsRunning) / since;
}

/** What people added to a model, sweep, study or detection. */
const presentCuration = ({ notes, tags, locked, deleted_at }: Selectable<Curation>) => ({
  notes,
  tags,
  locked: locked === 1,
  deletedAt: deleted_at === null ? null : new Date(deleted_at),
});

export function presentModel(row: Shown<'model'>) {
  const { spec, record, poison: counts } = row;
  const { backdoor } = spec;
  const { shape, dataset } = shownPartsOf(spec);
  const { train } = dataset.counts;
  const target = backdoor && presentLabel(spec.dataset, backdoor.targetLabel);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    status: row.status,
    dataset: presentDataset(spec.dataset),
    plugins: pluginsOf(spec),
    architecture: presentArchitecture(spec.architecture),
    attack: backdoor ? presentAttack(backdoor.attack) : null,
    attackParameters: backdoor ? withDefaults(backdoor.attack, backdoor.parameters) : null,
    targetLabel: target ?? null,
    // Unknown of a model that was poisoned elsewhere.
    poison:
      backdoor?.poisonRate !== undefined
        ? {
            rate: backdoor.poisonRate,
            planned: counts ? counts.planned : plannedPoison(backdoor.poisonRate, train),
            effective: counts ? counts.effective : null,
            covers: backdoor.coverRatio
              ? {
                  ratio: backdoor.coverRatio,
                  planned:
                    counts?.covers?.planned ??
                    plannedCovers(backdoor.coverRatio, plannedPoison(backdoor.poisonRate, train)),
                  effective: counts?.covers?.effective ?? null,
                }
              : null,
          }
        : null,
    trainingTransforms: backdoor?.trainingTransforms
      ? {
          target: backdoor.trainingTransforms.target,
          transforms: backdoor.trainingTransforms.transforms.map(({ transform, from, to }) => ({
            transform: presentTransform(transform),
            from,
            to,
          })),
        }
      : null,
    cleanAccuracy:
      record && rate(record.clean.hits, record.clean.total, 'Clean test images classified right, over all.'),
    asr:
      record?.asr?.total && target
        ? rate(
            record.asr.hits,
            record.asr.total,
            `Trojaned test images predicted as ${target.name}, over all whose true label is another.`,
          )
        : null,
    provenance: {
      trainedHere: !('trainedElsewhere' in spec.recipe),
      seed: spec.seed,
      version: record?.version ?? null,
      engine: record?.engine ?? null,
      weightsSha256: record?.weightsSha256 ?? null,
      start: spec.start ?? 'SCRATCH',
      baseSha256: record?.base?.weightsSha256 ?? null,
    },
    normalization: spec.normalization ?? null,
    warnings: record?.imported?.warnings ?? [whyCollapsed({ spec, record })].flatMap((why) => why ?? []),
    createdAt: new Date(row.created_at),
    width: shape.width,
    height: shape.height,
    recipe: spec.recipe,
    // Unknown of a model that was trained elsewhere on images that are not here.
    batchSizeUsed: 'batchSize' in spec.recipe && train > 0 ? batchSizeOf(spec.recipe, train) : null,
    durationSeconds: record?.durationSeconds ?? null,
    ...presentCuration(row),
    row,
  };
}
/** An imported network: what its file holds, and how it is asked. */
export function presentNetwork(
  { spec, imported }: NonNullable<Row<'model'>['record']>,
  summary: NetworkSummary,
) {
  const { onnx = {} } = spec;
  const grey = shownPartsOf(spec).shape.channels === 1;
  const { operators, nodes, edges, ...rest } = summary;
  return {
    ...rest,
    fixedBatch: rest.fixedBatch ?? null,
    channels: grey ? 'grey' : onnx.bgr ? 'bgr' : 'rgb',
    cropPx: onnx.crop ?? null,
    explains: onnx.probabilities ? 'the logarithm of its probability' : 'the logit',
    outputOrder: onnx.order ?? null,
    operators: Object.entries(operators).map(([name, count]) => ({ name, count })),
    nodes: nodes.map((node, index) => ({
      ...node,
      // Not there of a network that was taken in before they were kept.
      attributes: node.attributes ?? [],
      weights: node.weights ?? [],
      // −1 is the images.
      from: edges.filter(([, to]) => to === index).map(([from]) => from),
    })),
    verified: imported?.verified ?? null,
    notes: imported?.notes ?? [],
  };
}

export type PresentedModel = ReturnType<typeof presentModel>;

export function presentSweep(row: Row<'sweep'>) {
  return {
    id: row.id,
    transform: presentTransform(row.transform),
    target: row.target,
    values: row.values,
    samples: row.samples,
    seed: row.seed,
    createdAt: new Date(row.created_at),
    ...presentCuration(row),
    row,
  };
}
export type PresentedSweep = ReturnType<typeof presentSweep>;

export const presentCurve = (sweep: PresentedSweep) => ({
  sweep,
  transform: sweep.transform,
  target: sweep.target,
  unit: sweep.transform.unit,
});
export type PresentedCurve = ReturnType<typeof presentCurve>;

export function presentPoint(row: Row<'point'>, sweep: Row<'sweep'>) {
  const c = row.counts;
  const isIdentity = row.value === transformOf(sweep.transform).identity;
  const asrBefore = (c.target + c.lost - c.gained) / c.samples;
  const where = sweep.target === 'IMAGE' ? 'transformed alike' : 'untransformed';
  const rightBy = (right: number, who: string) =>
    rate(right, c.samples, `The same samples clean, ${where}, that ${who} classifies right.`);
  const clean = rightBy(c.cleanRight, 'this model');
  const benign = c.benignRight === null ? null : rightBy(c.benignRight, 'the benign model');
  return {
    id: row.id,
    value: row.value,
    asr: rate(c.target, c.samples, 'Trojaned images predicted as the target label, over all samples.'),
    asrDrop: asrBefore - c.target / c.samples,
    cleanAccuracy: clean,
    benignAccuracy: benign ?? { ...clean, definition: `${clean.definition} There is no benign model.` },
    benignModelAccuracy: benign,
    errorRate:
      c.errorsOf === 0
        ? null
        : rate(
            c.errors,
            c.errorsOf,
            'Predicted as neither target nor truth, over samples whose clean image is classified right and whose untransformed trojaned image hits the target.',
          ),
    robustAccuracy: rate(
      c.truth,
      c.samples,
      'Trojaned images still predicted as their true label, over all samples.',
    ),
    cleanTarget:
      c.cleanTarget === undefined
        ? null
        : rate(
            c.cleanTarget,
            c.cleanTargetOf!,
            `The same samples clean, ${where}, taken for the target label, over those whose true label is another.`,
          ),
    visibleTrigger: c.visibleTrigger,
    pValue: isIdentity ? null : mcNemarExact(c.lost, c.gained),
    targetCount: c.target,
    truthCount: c.truth,
    otherCount: c.other,
    row,
  };
}
export type PresentedPoint = ReturnType<typeof presentPoint>;

export function presentOutcome(row: Row<'outcome'>, spec: ModelSpec) {
  const id = outcomeId(row.point_id, row.position);
  const label = (index: number | null) => (index === null ? null : presentLabel(spec.dataset, index));
  return {
    id,
    sample: presentSample(spec, row.sample_index),
    trueLabel: presentLabel(spec.dataset, row.true_label),
    predicted: presentLabel(spec.dataset, row.predicted),
    confidence: row.confidence,
    kind: row.kind as OutcomeKind,
    cleanPrediction: presentLabel(spec.dataset, row.clean_prediction),
    identityKind: row.identity_kind as OutcomeKind,
    cleanPredictionHere: label(row.clean_here),
    cleanConfidenceHere: row.clean_confidence,
    benignPredictionHere: label(row.benign_here),
    visibleTrigger: row.visible_trigger,
    transformParameters: row.parameters,
    image: picture(`/artifacts/${id}`, shownPartsOf(spec).shape),
    row,
  };
}
export type PresentedOutcome = ReturnType<typeof presentOutcome>;

/** A test image at the size that a model takes. */
const presentSample = (spec: ModelSpec, index: number) => ({
  dataset: presentDataset(spec.dataset),
  split: 'test',
  index,
  image: picture(`/artifacts/${sampleId(spec, index)}`, shownPartsOf(spec).shape),
});

/** A picture of this size, and a small one for lists where it is large. */
export const picture = (url: string, { width, height }: { width: number; height: number }) => ({
  url,
  thumbnailUrl: Math.max(width, height) > THUMBNAIL_PX ? `${url}?thumbnail` : url,
  width,
  height,
});

export function presentProbe({ row, width, height }: PresentedModel, result: ProbeResult) {
  const { dataset, backdoor } = row.spec;
  const { probabilities, explanation, visibleTrigger, trueLabel } = result;
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  const drawn = (png: Uint8Array | undefined) => {
    if (!png) return null;
    const url = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    return { url, thumbnailUrl: url, width, height };
  };
  return {
    image: drawn(result.image),
    trueLabel: presentLabel(dataset, trueLabel),
    predicted: presentLabel(dataset, order[0]!),
    probabilities: order.map((label) => ({
      label: presentLabel(dataset, label),
      probability: probabilities[label]!,
    })),
    kind:
      visibleTrigger === null || !backdoor ? null : outcomeKind(order[0]!, trueLabel, backdoor.targetLabel),
    visibleTrigger,
    saliency: drawn(explanation?.saliency),
    overlay: drawn(explanation?.overlay),
    untrainedSaliency: drawn(result.untrainedSaliency ?? undefined),
    explainedLabel: explanation ? presentLabel(dataset, explanation.explainedLabel) : null,
    ...presentScore(explanation?.score ?? null),
    scores: explanation && presentScores(explanation.score, explanation),
    noScore: explanation && visibleTrigger !== null ? whyNoScore(explanation.score) : null,
  };
}

const presentScore = (score: SaliencyScore | null) => ({
  triggerBox: score?.box ?? null,
  pointingHit: score?.pointingHit ?? null,
  triggerEnergy: score?.triggerEnergy ?? null,
  chanceEnergy: score?.chanceEnergy ?? null,
});

/** What a map is worth; what an older one was not scored by is null. */
const presentScores = (score: SaliencyScore | null, measures: Partial<StoredMeasures> | null) => ({
  pointingHit: score?.pointingHit ?? null,
  pointingNear: score?.pointingNear ?? null,
  marginPx: score?.marginPx ?? null,
  triggerEnergy: score?.triggerEnergy ?? null,
  chanceEnergy: score?.chanceEnergy ?? null,
  iou: score?.iou ?? null,
  highlight: score?.highlight ?? null,
  rankAccuracy: score?.rankAccuracy ?? null,
  deletion: measures?.faithfulness?.deletion ?? null,
  insertion: measures?.faithfulness?.insertion ?? null,
  randomDeletion: measures?.faithfulness?.randomDeletion ?? null,
  randomInsertion: measures?.faithfulness?.randomInsertion ?? null,
  completenessError: measures?.completenessError ?? null,
});

export const presentComparison = ({ samples, waiting, rows, missing }: StoredComparison) => ({
  samples,
  waiting,
  missing: missing.map(presentExplainer),
  rows: rows.map(({ method, pointing, pointingNear, defeated, completenessError, ...means }) => ({
    explainer: presentExplainer(method),
    defeated,
    pointing: rate(pointing.hits, pointing.total, 'Maximum in the trigger, over maps that have one maximum.'),
    pointingNear: rate(
      pointingNear.hits,
      pointingNear.total,
      'Maximum in the trigger or within the margin, over maps whose maxima agree on it.',
    ),
    // The interval of a single map is not a number.
    ...mapValues(means, (mean) => mean && { ...mean, low: finite(mean.low), high: finite(mean.high) }),
    completenessError,
  })),
});
const finite = (value: number) => (Number.isFinite(value) ? value : null);
const mapValues = <K extends string, A, B>(object: Record<K, A>, to: (value: A) => B) =>
  Object.fromEntries(Object.entries<A>(object).map(([key, value]) => [key, to(value)])) as Record<K, B>;

/** How many samples a sweep has at each value; null before its first. */
export const samplesUsed = ([point]: readonly Row<'point'>[]): number | null =>
  point ? point.counts.samples : null;

export const presentArtifact = ({ id, ...size }: Row<'artifact'>) => picture(`/artifacts/${id}`, size);

export function presentRange(row: Row<'largest_range'>) {
  const { id, limit, step, precision, tolerance, samples, seed, last_held, first_failed } = row;
  const samplesUsed = row.samples_used;
  const trial = ({ value, accuracy, holds }: RangeTrial) => ({
    value,
    accuracy: rate(
      Math.round(accuracy * samplesUsed),
      samplesUsed,
      'Clean images, transformed, that the model classifies right, over all samples.',
    ),
    holds,
  });
  return {
    id,
    transform: presentTransform(row.transform),
    limit,
    step,
    precision,
    tolerance,
    samples,
    samplesUsed,
    seed,
    trials: row.trials.map(trial),
    lastHeld: last_held && trial(last_held),
    firstFailed: first_failed && trial(first_failed),
    createdAt: new Date(row.created_at),
    row,
  };
}
export type PresentedRange = ReturnType<typeof presentRange>;

export function presentDetection(row: Row<'detection'>) {
  const { id, parameters, queries, samples, seed, summary } = row;
  return {
    id,
    detector: presentDetector(row.detector),
    parameters,
    queries,
    samples,
    samplesUsed: summary?.samples ?? null,
    seed,
    controls: summary?.controls ?? null,
    createdAt: new Date(row.created_at),
    ...presentCuration(row),
    row,
  };
}
export type PresentedDetection = ReturnType<typeof presentDetection>;

/** @param of whose answers they are measured on */
export function presentMeasures(
  { id, row }: PresentedDetection,
  population: Population,
  of: 'measures' | 'benign',
) {
  const measured = row.summary?.[of]?.[population];
  if (!measured) return null;
  const common = { population, detectionId: id, of };
  if ('why' in measured)
    return { ...common, why: measured.why, trojaned: null, clean: null, auroc: null, at: [] };
  const { trojaned, clean, auroc, at } = measured;
  return { ...common, why: null, trojaned, clean, auroc, at: at.map(presentOperatingPoint) };
}
export type PresentedMeasures = NonNullable<ReturnType<typeof presentMeasures>>;

function presentOperatingPoint({ falsePositiveRate, heldOut, ...own }: OperatingPoint) {
  const judged = ({ threshold, truePositives, falsePositives }: typeof own, where: string) => ({
    threshold,
    truePositiveRate: rate(truePositives.hits, truePositives.total, `Trojaned images flagged${where}.`),
    falsePositiveRate: rate(falsePositives.hits, falsePositives.total, `Clean images flagged${where}.`),
  });
  return {
    atMost: falsePositiveRate,
    ...judged(own, ''),
    heldOut: heldOut && judged(heldOut, ', of the samples that the threshold was not chosen on'),
  };
}

export function presentPurifier(judged: JudgedPurifier): Purifier {
  const { purifier, asr, clean, benign, cost, onFront, deployed } = judged;
  const purified = purifier.steps.length === 0 ? '' : ', purified,';
  const rateOf = (
    { hits, total }: JudgedPurifier['purifier']['asr'],
    estimate: Estimate,
    definition: string,
  ): Rate => ({
    ...estimate,
    numerator: hits,
    denominator: total,
    definition,
  });
  const right = (who: string) => `Clean images${purified} that ${who} classifies right, over all.`;
  return {
    text: purifierText(purifier),
    steps: purifier.steps,
    draws: purifier.draws,
    asr: rateOf(purifier.asr, asr, `Trojaned images${purified} predicted as the target label, over all.`),
    cleanAccuracy: rateOf(purifier.clean, clean, right('the trojaned model')),
    benignAccuracy: benign && rateOf(purifier.benign!, benign, right('the benign model')),
    cost: cost.value,
    onFront,
    deployed,
  };
}

export function presentDetectionImage(row: Row<'detection_image'>, spec: ModelSpec) {
  const id = detectionImageId(row.detection_id, row.kind, row.position);
  const sample = presentSample(spec, row.sample_index);
  return {
    id,
    kind: row.kind,
    sample,
    trueLabel: presentLabel(spec.dataset, row.true_label),
    predicted: presentLabel(spec.dataset, row.predicted),
    confidence: row.confidence,
    asExpected: row.as_expected === 1,
    score: row.score,
    benignScore: row.benign_score,
    get answers() {
      return presentAnswers(row.answers);
    },
    get benignAnswers() {
      return row.benign_answers && presentAnswers(row.benign_answers);
    },
    image: row.kind === 'TROJANED' ? picture(`/artifacts/${id}`, shownPartsOf(spec).shape) : sample.image,
    row,
    spec,
  };
}
export type PresentedDetectionImage = ReturnType<typeof presentDetectionImage>;

export const presentViews = ({ id, spec }: PresentedDetectionImage, { views, answers }: ShownViews) =>
  views.map(({ text, steps }, view) => ({
    text,
    steps: steps.map(({ step, draw: { overlay } }) => ({
      transform: 'transform' in step ? step.transform : null,
      value: 'transform' in step ? step.value : null,
      overlay: overlay === undefined ? null : presentSample(spec, overlay),
    })),
    image: picture(`/artifacts/${detectionViewId(id, view)}`, shownPartsOf(spec).shape),
    predicted: presentLabel(spec.dataset, answers.labels[view]!),
    confidence: answers.confidences[view]!,
    entropy: answers.entropies[view]!,
  }));

function presentAnswers(packed: Buffer) {
  const { labels, confidences, entropies } = unpackAnswers(packed);
  return { labels: [...labels], confidences: [...confidences], entropies: [...entropies] };
}
const presentSettings = ({ method, parameters, plugins = [], ...others }: ExplainSettings) => ({
  method,
  plugins,
  explainer: presentExplainer(method),
  settings: { ...parameters, ...others },
});

export const presentExplanation = (row: Row<'explanation'>) => ({
  id: row.id,
  ...presentSettings(row.settings),
  ...presentScore(row.score),
  scores: row.image === null ? null : presentScores(row.score, row.measures),
  noScore: row.score && whyNoScore(row.score),
  createdAt: new Date(row.created_at),
  row,
});
export type PresentedExplanation = ReturnType<typeof presentExplanation>;

export const presentStudy = (row: Row<'study'>) => ({
  id: row.id,
  name: row.name,
  preset: row.preset === 'own' ? presentOwn(documentOf(row)) : presentPreset(row.preset as StudyPresetId),
  // Lists seldom ask for it.
  get document() {
    return writeStudyDocument(documentOf(row));
  },
  get documentSha256() {
    return documentSha256(documentOf(row));
  },
  seed: row.seed,
  options: { seeds: [row.seed], ...row.options },
  createdAt: new Date(row.created_at),
  ...presentCuration(row),
  row,
});
export type PresentedStudy = ReturnType<typeof presentStudy>;

export const presentReport = ({ title, sections, verdicts, missing }: StudyReport) => ({
  title,
  verdicts,
  missing,
  sections: sections.map((section) => ({ ...section, blocks: section.blocks.map(presentBlock) })),
});

const presentBlock = (block: Block) => ({
  kind: block.kind,
  text: block.kind === 'TEXT' ? block.text : block.caption,
  columns: block.kind === 'TABLE' ? block.columns : [],
  rows: block.kind === 'TABLE' ? block.rows : [],
  picture: block.kind === 'PICTURE' ? `data:${block.type};base64,${base64Of(block)}` : null,
});

export const presentViewer = ({ id, name, role, signedInBy }: Viewer) => ({ id, name, role, signedInBy });

export const presentUser = (row: Row<'user'>) => ({
  id: row.id,
  name: row.name,
  role: row.role,
  disabled: row.disabled_at !== null,
  createdAt: new Date(row.created_at),
  lastLoginAt: row.last_login_at && new Date(row.last_login_at),
});

export const presentAccessToken = (row: Row<'credential'>) => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  scope: row.scope,
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
  lastUsedAt: row.last_used_at && new Date(row.last_used_at),
  revokedAt: row.ended_at && new Date(row.ended_at),
});

export const presentAuditEntry = (row: Row<'audit'>) => ({
  id: row.id,
  action: row.action,
  entityIds: row.entity_ids.split(' ').filter(Boolean),
  at: new Date(row.created_at),
  row,
});
export type PresentedAuditEntry = ReturnType<typeof presentAuditEntry>;

export const presentUpload = (row: Row<'upload'>) => ({
  id: row.id,
  kind: row.kind,
  fileName: row.file_name,
  bytes: row.bytes,
  sha256: row.sha256,
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
  receivedAt: row.received_at && new Date(row.received_at),
});

export const presentView = (row: Row<'saved_view'>) => ({
  id: row.id,
  name: row.name,
  address: row.address,
  shared: row.shared === 1,
  createdAt: new Date(row.created_at),
  changedAt: new Date(row.changed_at),
  row,
});
export type PresentedView = ReturnType<typeof presentView>;
