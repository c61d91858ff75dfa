import { datasetInfoOf, detectorOf } from '@trojanscope/core/definitions';
import {
  type Count,
  DEPLOYMENT_RULE,
  type Estimate,
  type JudgedPurifier,
  judgePurifiers,
  mergePurifiers,
  type Purifier,
  purifiersOf,
  purifierText,
  type Series,
  sum,
} from '@trojanscope/core/evaluation';
import { drawChart } from './chart.js';
import type { Block } from './document.js';
import {
  colourOf,
  datasetsOf,
  percentAxis,
  slugOf,
  text,
  titleOf,
  trojanedOn,
  withInterval,
} from './words.js';

/** What a defender gets who applies one of the transforms that detectors asked about, or two of them, to every input. */
export function purifiers(all: readonly Series[]): Block[] {
  return datasetsOf(all).flatMap((dataset): Block[] => {
    const known = trojanedOn(all, dataset).flatMap((series) => {
      const own = purifiersIn(series);
      const found = judgePurifiers(own);
      return found.length > 1 ? [{ series, own, found }] : [];
    });
    if (known.length === 0) return [];
    const data = datasetInfoOf(dataset).title;
    const seeds = Math.max(...known.map(({ series }) => series.models.length));
    const rows = known.flatMap(({ series, found }) => rowsOf(titleOf(series), found));
    const every = judgePurifiers(againstAll(known.map(({ own }) => own)));
    return [
      text(
        `Each transform, and composition of two, that a detector asked about is also a purifier: what a defender gets who applies it to every input. Counts are of the detectors’ images${seeds > 1 ? ', over all seeds' : ''}. ${DEPLOYMENT_RULE} It is chosen and shown on the same images, so that the lowest of many is a little too good.`,
      ),
      {
        kind: 'TABLE',
        caption: `What one would deploy on ${data}: the best single transform, and the best of all, with compositions of two`,
        columns: [
          ...['Against', 'ASR without', 'Of', 'Purifier', 'ASR with', 'Clean accuracy lost'],
          'Clean accuracy, benign model',
        ],
        rows: known.length > 1 ? [...rows, ...rowsOf('whichever it is, the worst', every)] : rows,
      },
      ...known.map(({ series, found }): Block => {
        const title = `${titleOf(series)} on ${data}`;
        return {
          kind: 'PICTURE',
          name: `purifiers-${dataset}-${slugOf(series)}`,
          type: 'image/svg+xml',
          caption: `${title}: what each of ${found.length - 1} purifiers leaves; filled: nothing leaves less ASR at no less accuracy.`,
          content: drawChart({
            title: `${title}: ASR against clean accuracy`,
            x: percentAxis('Clean accuracy'),
            y: percentAxis('Attack success rate'),
            lines: [
              {
                name: '',
                colour: colourOf(series),
                style: 'POINTS',
                points: found.map(({ clean, asr, onFront }) => ({
                  x: clean.value,
                  y: asr.value,
                  faint: !onFront,
                })),
              },
            ],
          }),
        };
      }),
    ];
  });
}

/** Of all seeds' images together. */
function purifiersIn({ models }: Series): Purifier[] {
  const each = models.map(({ spec, detections }) =>
    mergePurifiers(
      detections.flatMap(({ detector, parameters, images }) =>
        purifiersOf(detectorOf(detector).views(parameters), images, spec.backdoor!.targetLabel),
      ),
    ),
  );
  // Seeds are other images, not other draws of the same ones.
  const draws = new Map((each[0] ?? []).map((purifier) => [purifierText(purifier), purifier.draws]));
  return mergePurifiers(each.flat())
    .filter((purifier) => draws.has(purifierText(purifier)))
    .map((purifier) => ({ ...purifier, draws: draws.get(purifierText(purifier))! }));
}

/** The best single transform, and the best of all. */
function rowsOf(who: string, found: readonly JudgedPurifier[]): string[][] {
  const unchanged = found.find(({ purifier }) => purifier.steps.length === 0)!;
  const alone = found.flatMap(({ purifier }) => (purifier.steps.length < 2 ? [purifier] : []));
  const row = (of: string, best: JudgedPurifier | undefined) => [
    who,
    withInterval(unchanged.asr, 1),
    of,
    best ? purifierText(best.purifier) : 'none',
    best ? withInterval(best.asr, 1) : '–',
    best ? pointsText(best.cost) : '–',
    best?.benign ? withInterval(best.benign, 1) : '–',
  ];
  return [row('single transforms', deployedOf(judgePurifiers(alone))), row('all', deployedOf(found))];
}

const pointsText = ({ value, low, high }: Estimate) =>
  `${(100 * value).toFixed(1)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}) points`;

const deployedOf = (found: readonly JudgedPurifier[]) => found.find(({ deployed }) => deployed);

/** For a defender who does not know the attack: each counts with the attack that it does least against, and all clean images. */
function againstAll(lists: readonly (readonly Purifier[])[]): Purifier[] {
  const rate = ({ hits, total }: Count) => hits / total;
  return (lists[0] ?? []).flatMap((first) => {
    const same = lists.flatMap((list) => list.find((one) => purifierText(one) === purifierText(first)) ?? []);
    if (same.length < lists.length) return [];
    const worst = same.reduce((one, other) => (rate(other.asr) > rate(one.asr) ? other : one));
    const benign = same.flatMap((one) => one.benign ?? []);
    return [
      {
        ...first,
        asr: worst.asr,
        clean: sum(same.map(({ clean }) => clean)),
        benign: benign.length < same.length ? null : sum(benign),
      },
    ];
  });
}
