import { transformOf } from '@trojanscope/core/definitions';
import { POPULATIONS, pairedDrop, type StudyResults, share, varied } from '@trojanscope/core/evaluation';
import { testsOf } from './significance.js';

/** Raw data. */
export interface ReportTable {
  /** Of a file, without its ending. */
  name: string;
  columns: readonly string[];
  rows: Record<string, string | number | boolean | null>[];
}

/** Every point of every curve, with the tests of the whole study. */
export function curvesTable(results: StudyResults): ReportTable {
  const tests = new Map(testsOf(results).map((test) => [test.point, test]));
  const differ = differing(results);
  const columns = [
    ...['dataset', 'attack', 'seed', 'model', 'transform', 'target', 'unit', 'value', 'samples'],
    ...[
      'targetCount',
      'truthCount',
      'otherCount',
      'asr',
      'asrLow',
      'asrHigh',
      'asrDrop',
      'asrDropLow',
      'asrDropHigh',
    ],
    ...['pValue', 'pValueHolm', 'cleanAccuracy', 'benignAccuracy', 'errors', 'errorsOf', 'visibleTrigger'],
    'samplesAsked',
    ...['architecture', 'sizePx', 'poisonRate', 'coverRatio', 'targetLabel', 'attackParameters'],
    ...differ.map((name) => `${PARAMETER}${name}`),
  ];
  const points = results.models.flatMap((model) =>
    model.curves.flatMap((curve) => curve.points.map((point) => ({ model, curve, point }))),
  );
  const rows = points.map(({ model, curve, point }) => {
    const { value, counts } = point;
    const asr = share({ hits: counts.target, total: counts.samples });
    const drop = pairedDrop(counts.lost, counts.gained, counts.samples);
    const test = tests.get(point);
    return {
      dataset: model.spec.dataset,
      attack: model.spec.backdoor?.attack ?? null,
      seed: model.spec.seed,
      model: model.name,
      transform: curve.transform,
      target: curve.target,
      unit: transformOf(curve.transform).unit,
      value,
      samples: counts.samples,
      targetCount: counts.target,
      truthCount: counts.truth,
      otherCount: counts.other,
      asr: asr.value,
      asrLow: asr.low,
      asrHigh: asr.high,
      asrDrop: drop.value,
      asrDropLow: drop.low,
      asrDropHigh: drop.high,
      pValue: test?.pValue ?? null,
      pValueHolm: test?.corrected ?? null,
      cleanAccuracy: counts.cleanRight / counts.samples,
      benignAccuracy: counts.benignRight === null ? null : counts.benignRight / counts.samples,
      errors: counts.errors,
      errorsOf: counts.errorsOf,
      visibleTrigger: counts.visibleTrigger,
      samplesAsked: curve.samplesAsked,
      architecture: model.spec.architecture,
      sizePx: model.spec.sizePx ?? null,
      poisonRate: model.spec.backdoor?.poisonRate ?? null,
      coverRatio: model.spec.backdoor?.coverRatio ?? null,
      targetLabel: model.spec.backdoor?.targetLabel ?? null,
      attackParameters: model.spec.backdoor ? JSON.stringify(model.spec.backdoor.parameters) : null,
      ...Object.fromEntries(
        differ.map((name) => [`${PARAMETER}${name}`, cellOf(model.spec.backdoor?.parameters[name])]),
      ),
    };
  });
  return { name: 'curves', columns, rows };
}

/** Before the name of an attack's parameter, which may be that of another column. */
const PARAMETER = 'parameter.';

/** Parameters of attacks in which models of the same attack differ: a grid's axes, as columns of their own. */
function differing({ models }: StudyResults): string[] {
  const attacks = new Set(models.flatMap(({ spec }) => spec.backdoor?.attack ?? []));
  const names = [...attacks].flatMap((attack) =>
    varied(
      models
        .flatMap(({ spec }) => (spec.backdoor?.attack === attack ? spec.backdoor : []))
        .map(({ parameters }) => Object.entries(parameters).map(([name, value]) => ({ name, value }))),
    ),
  );
  return [...new Set(names)];
}

const cellOf = (value: unknown): string | number | boolean | null =>
  value === undefined || value === null
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : (value as string | number | boolean);

export function explanationsTable({ models }: StudyResults): ReportTable {
  const columns = [
    ...['dataset', 'attack', 'seed', 'position', 'transform', 'target', 'value', 'kind', 'cleanRight'],
    ...[
      'pointingHit',
      'triggerEnergy',
      'chanceEnergy',
      'centreEnergy',
      'benignPointingHit',
      'untrainedPointingHit',
    ],
    ...['marginPx', 'pointingNear', 'iou', 'highlight', 'rankAccuracy'],
    ...['deletion', 'insertion', 'randomDeletion', 'randomInsertion'],
  ];
  const rows = models.flatMap(({ spec, explanations }) =>
    explanations.map(({ score, controls, faithfulness, position, ...at }) => ({
      dataset: spec.dataset,
      attack: spec.backdoor?.attack ?? null,
      seed: spec.seed,
      position,
      transform: at.transform,
      target: at.target,
      value: at.value,
      kind: at.kind,
      cleanRight: at.cleanRight,
      pointingHit: score?.pointingHit ?? null,
      triggerEnergy: score?.triggerEnergy ?? null,
      chanceEnergy: score?.chanceEnergy ?? null,
      centreEnergy: score?.centreEnergy ?? null,
      benignPointingHit: controls?.benign?.pointingHit ?? null,
      untrainedPointingHit: controls?.untrained?.pointingHit ?? null,
      marginPx: score?.marginPx ?? null,
      pointingNear: score?.pointingNear ?? null,
      iou: score?.iou ?? null,
      highlight: score?.highlight ?? null,
      rankAccuracy: score?.rankAccuracy ?? null,
      deletion: faithfulness?.deletion ?? null,
      insertion: faithfulness?.insertion ?? null,
      randomDeletion: faithfulness?.randomDeletion ?? null,
      randomInsertion: faithfulness?.randomInsertion ?? null,
    })),
  );
  return { name: 'explanations', columns, rows };
}

/** Every detector that was tried, over all images. */
export function detectionsTable({ models }: StudyResults): ReportTable {
  const columns = [
    ...['dataset', 'attack', 'seed', 'model', 'detector', 'parameters', 'queries', 'samples'],
    ...['population', 'trojaned', 'clean', 'auroc', 'aurocLow', 'aurocHigh'],
    ...['caughtAt1', 'caughtAt5', 'caughtAt10', 'benignAuroc', 'benignAurocLow', 'benignAurocHigh'],
  ];
  const rows = models.flatMap(({ spec, name, detections }) =>
    detections.flatMap(({ detector, parameters, queries, samples, summary }) =>
      POPULATIONS.flatMap((population) => {
        const measured = summary.measures[population];
        if ('why' in measured) return [];
        const { auroc, at } = measured;
        const caught = (rate: number) => {
          const found = at.find(({ falsePositiveRate }) => falsePositiveRate === rate)?.truePositives;
          return found ? found.hits / found.total : null;
        };
        const floor = summary.benign?.[population];
        const benign = floor && !('why' in floor) ? floor.auroc : null;
        return {
          dataset: spec.dataset,
          attack: spec.backdoor?.attack ?? null,
          seed: spec.seed,
          model: name,
          detector,
          parameters: JSON.stringify(parameters),
          queries,
          samples,
          population,
          trojaned: measured.trojaned,
          clean: measured.clean,
          auroc: auroc.value,
          aurocLow: auroc.low,
          aurocHigh: auroc.high,
          caughtAt1: caught(0.01),
          caughtAt5: caught(0.05),
          caughtAt10: caught(0.1),
          benignAuroc: benign?.value ?? null,
          benignAurocLow: benign?.low ?? null,
          benignAurocHigh: benign?.high ?? null,
        };
      }),
    ),
  );
  return { name: 'detections', columns, rows };
}
