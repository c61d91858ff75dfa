import { type AttackId, attackOf } from '../attacks/index.js';
import { datasetInfoOf } from '../datasets/index.js';
import type { SaliencyScore } from '../explain/score.js';
import type { TransformId } from '../transforms/index.js';
import type { TransformTarget } from '../transforms/transform.js';
import { type Estimate, minus, rankCorrelation, share } from './estimates.js';
import { TABLE_3 } from './presets.js';
import {
  type At,
  asrDropAt,
  hasBenign,
  identityOf,
  rateAt,
  type Series,
  titleOf,
  valuesOf,
} from './results.js';

export const VERDICTS = ['HELD', 'NOT_HELD', 'UNDECIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a statement comes to for one model or one pair of them. */
export interface Finding {
  /** Of what, e.g. `BadNets on MNIST`. */
  of: string;
  verdict: Verdict;
  /** The numbers. */
  evidence: string;
}

/** A sentence of the paper's, and the rule by which the data decides on it. */
export interface Statement {
  id: string;
  /** Where the paper says it. */
  where: string;
  text: string;
  /** The rule, as `judge` follows it. */
  rule: string;
  judge(all: readonly Series[]): Finding[];
}
export interface JudgedStatement extends Omit<Statement, 'judge'> {
  /** Held where it is in every finding, not held where one says so; undecided without data. */
  verdict: Verdict;
  findings: Finding[];
}

/** What changes less than this, in shares, is called unchanged. */
const SLIGHT = 0.01;
const GREAT = 0.1;
const VERY_GREAT = 0.5;

/** THE LIST of the paper's statements on its results (sections 5.2 to 5.4). */
export const statements: readonly Statement[] = [
  {
    id: 'trigger-translation-falls',
    where: '5.2, Fig. 3a, 3d',
    text: 'As the trigger is translated further, the ASR of all attacks decreases.',
    rule: 'For each attack ASR falls by more than 1 point from 0 px to the largest radius, and rises by more than 1 point at no step in between.',
    judge: (all) => each(withLayer(all), (series) => fallsWith(series, 'translation', 'TRIGGER')),
  },
  {
    id: 'trigger-translation-badnets-fastest',
    where: '5.2, Fig. 3a, 3d',
    text: 'BadNets has the fastest attenuation under trigger translation.',
    rule: 'At every radius BadNets loses more ASR than each other attack on the same data.',
    judge: (all) =>
      againstBadnets(withLayer(all), (own, other) => losesMore(own, other, 'translation', 'TRIGGER')),
  },
  {
    id: 'trigger-shrunk',
    where: '5.2, Fig. 3b, 3e',
    text: 'When the trigger is reduced, the success rate is greatly reduced.',
    rule: 'For each attack ASR falls by more than 10 points at 0.8×.',
    judge: (all) =>
      each(withLayer(all), (series) =>
        dropIs(series, ['scaling', 'TRIGGER', 0.8], (drop) => above(drop, GREAT)),
      ),
  },
  {
    id: 'trigger-enlarged',
    where: '5.2, Fig. 3b, 3e',
    text: 'When the trigger is enlarged, ASR is only slightly affected.',
    rule: 'For each attack ASR falls by at most 10 points at 1.2×.',
    judge: (all) =>
      each(withLayer(all), (series) =>
        dropIs(series, ['scaling', 'TRIGGER', 1.2], (drop) => opposite(above(drop, GREAT))),
      ),
  },
  {
    id: 'trigger-rotation-falls',
    where: '5.2, Fig. 3c, 3f',
    text: 'Under trigger rotation the success rate decreases by varying degrees.',
    rule: 'For each attack ASR falls by more than 1 point at the angle where it is lowest.',
    judge: (all) =>
      each(withLayer(all), (series) => {
        const at = lowest(series, 'rotation', 'TRIGGER');
        return at && dropIs(series, at, (drop) => above(drop, SLIGHT));
      }),
  },
  {
    id: 'trigger-rotation-badnets-symmetric',
    where: '5.2, Fig. 3c, 3f',
    text: 'BadNets’ ASR is symmetric about 45°, as its square is.',
    rule: 'ASR at 0°, 15° and 30° differs from that at 90°, 75° and 60° by at most 5 points.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const pairs = [0, 15, 30].map((angle): [At, At] => [
          ['rotation', 'TRIGGER', angle],
          ['rotation', 'TRIGGER', 90 - angle],
        ]);
        if (!has(series, ...pairs.flat())) return undefined;
        const gaps = pairs.map(([a, b]) => minus(rateAt(series, 'asr', a), rateAt(series, 'asr', b)));
        return {
          verdict: every(gaps.map((gap) => within(gap, 0.05))),
          evidence: `differences ${gaps.map(({ value }) => points(value)).join(', ')}`,
        };
      }),
  },
  {
    id: 'trigger-rotation-badnets-lowest',
    where: '5.2, Fig. 3c, 3f',
    text: 'BadNets’ ASR is lowest at 45°.',
    rule: 'ASR at 45° is below that at every other angle.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const others = valuesOf(series, 'rotation', 'TRIGGER').filter((angle) => angle !== 45);
        if (others.length === 0 || !has(series, ['rotation', 'TRIGGER', 45])) return undefined;
        const here = rateAt(series, 'asr', ['rotation', 'TRIGGER', 45]);
        const gaps = others.map((angle) =>
          minus(rateAt(series, 'asr', ['rotation', 'TRIGGER', angle]), here),
        );
        return {
          verdict: every(gaps.map((gap) => above(gap, 0))),
          evidence: curveText(series, 'rotation', 'TRIGGER'),
        };
      }),
  },
  {
    id: 'trigger-rotation-uat-most',
    where: '5.2, Fig. 3c, 3f',
    text: 'UAT’s decline under trigger rotation is the most obvious.',
    rule: 'Each at its own lowest angle, UAT loses more ASR than every other attack on the same data.',
    judge: (all) =>
      of(all, 'uat').flatMap((uat) =>
        each(beside(withLayer(all), uat), (other) => {
          const [here, there] = [lowest(uat, 'rotation', 'TRIGGER'), lowest(other, 'rotation', 'TRIGGER')];
          if (!here || !there) return undefined;
          const [own, its] = [asrDropAt(uat, here), asrDropAt(other, there)];
          return {
            verdict: above(minus(own, its), 0),
            evidence: `UAT loses ${points(own.value)}, it ${points(its.value)}`,
          };
        }),
      ),
  },
  {
    id: 'image-translation-falls',
    where: '5.3, Fig. 4a, 4d',
    text: 'As the image is translated further, the ASR of all attacks decreases.',
    rule: 'For each attack ASR falls by more than 1 point from 0 px to the largest radius, and rises by more than 1 point at no step in between.',
    judge: (all) => each(trojaned(all), (series) => fallsWith(series, 'translation', 'IMAGE')),
  },
  {
    id: 'image-translation-less',
    where: '5.3, Fig. 4a, 4d',
    text: 'Attacks other than BadNets decline less under image than under trigger translation.',
    rule: 'For each attack but BadNets more ASR is lost at 3 px when the trigger moves than when the image does.',
    judge: (all) => each(besides(withLayer(all), 'badnets'), (series) => lessForImage(series)),
  },
  {
    id: 'image-translation-badnets',
    where: '5.3, Fig. 4a, 4d',
    text: 'BadNets is the exception: its decline is no smaller under image translation.',
    rule: 'For BadNets it is not so that more ASR is lost at 3 px when the trigger moves than when the image does.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const finding = lessForImage(series);
        return finding && { ...finding, verdict: opposite(finding.verdict) };
      }),
  },
  {
    id: 'image-translation-robust',
    where: '5.3, Fig. 4d',
    text: 'Reflection and DFST have strong robustness to small translations.',
    rule: 'For both ASR falls by at most 10 points at every radius.',
    judge: (all) =>
      each(of(all, 'refool', 'dfst'), (series) => {
        const drops = changed(series, 'translation', 'IMAGE').map((at) => asrDropAt(series, at));
        return (
          drops.length > 0 && {
            verdict: every(drops.map((drop) => opposite(above(drop, GREAT)))),
            evidence: curveText(series, 'translation', 'IMAGE'),
          }
        );
      }),
  },
  {
    id: 'image-scaling-hurts',
    where: '5.3, Fig. 4b, 4e',
    text: 'Whether the image is zoomed in or out, the success rate suffers.',
    rule: 'For each attack ASR falls by more than 1 point at 0.8× and at 1.2×.',
    judge: (all) =>
      each(trojaned(all), (series) => {
        const drops = changed(series, 'scaling', 'IMAGE').map((at) => asrDropAt(series, at));
        return (
          drops.length > 0 && {
            verdict: every(drops.map((drop) => above(drop, SLIGHT))),
            evidence: curveText(series, 'scaling', 'IMAGE'),
          }
        );
      }),
  },
  {
    id: 'image-scaling-badnets-worst',
    where: '5.3, Fig. 4b, 4e',
    text: 'BadNets is the most susceptible attack under image scaling.',
    rule: 'At 0.8× and 1.2× BadNets loses more ASR than each other attack on the same data.',
    judge: (all) => againstBadnets(all, (own, other) => losesMore(own, other, 'scaling', 'IMAGE')),
  },
  {
    id: 'image-scaling-robust',
    where: '5.3, Fig. 4e',
    text: 'Reflection and DFST are the most robust attacks under image scaling.',
    rule: 'At 0.8× and 1.2× each of BadNets, Blend and UAT loses more ASR than Reflection and than DFST.',
    judge: (all) =>
      of(all, 'refool', 'dfst').flatMap((robust) =>
        each(
          beside(all, robust).filter(({ attack }) => attack !== 'refool' && attack !== 'dfst'),
          (other) => losesMore(other, robust, 'scaling', 'IMAGE'),
          `and ${titleOf(robust)}`,
        ),
      ),
  },
  {
    id: 'image-scaling-uat-differs',
    where: '5.3, Fig. 4b, 4e',
    text: 'UAT’s robustness to image scaling differs greatly between the data sets.',
    rule: 'At 0.8× or 1.2× UAT’s loss of ASR on MNIST and on GTSRB differs by more than 10 points.',
    judge(all) {
      const [one, two] = ['mnist', 'gtsrb'].map((dataset) =>
        of(all, 'uat').find((series) => series.dataset === dataset),
      );
      const shared = one && two ? changed(one, 'scaling', 'IMAGE').filter((at) => has(two, at)) : [];
      if (!one || !two || shared.length === 0) return [];
      const gaps = shared.map((at) => minus(asrDropAt(one, at), asrDropAt(two, at)));
      const differs = gaps.map((gap) => opposite(within(gap, GREAT)));
      return [
        {
          of: 'UAT on MNIST and GTSRB',
          verdict: opposite(every(differs.map(opposite))),
          evidence: `differences ${gaps.map(({ value }) => points(value)).join(', ')}`,
        },
      ];
    },
  },
  {
    id: 'image-rotation-badnets',
    where: '5.3, Fig. 4c, 4f',
    text: 'BadNets’ success rate drops very clearly when the image is rotated.',
    rule: 'ASR falls by more than 50 points at the angle where it is lowest.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const at = lowest(series, 'rotation', 'IMAGE');
        return at && dropIs(series, at, (drop) => above(drop, VERY_GREAT));
      }),
  },
  {
    id: 'image-rotation-others-similar',
    where: '5.3, Fig. 4c, 4f',
    text: 'The effects of image rotation on the other attacks are similar.',
    rule: 'At every angle the ASR of any two attacks but BadNets on the same data differs by at most 20 points.',
    judge(all) {
      const others = besides(all, 'badnets');
      return others.flatMap((one, i) =>
        each(
          others.slice(i + 1).filter(({ dataset }) => dataset === one.dataset),
          (two) => {
            const gaps = changed(one, 'rotation', 'IMAGE')
              .filter((at) => has(two, at))
              .map((at) => minus(rateAt(one, 'asr', at), rateAt(two, 'asr', at)));
            return (
              gaps.length > 0 && {
                verdict: every(gaps.map((gap) => within(gap, 0.2))),
                evidence: `differences ${gaps.map(({ value }) => points(value)).join(', ')}`,
              }
            );
          },
          `and ${titleOf(one)}`,
        ),
      );
    },
  },
  {
    id: 'image-rotation-clean',
    where: '5.3, Fig. 4c, 4f',
    text: 'Clean accuracy declines sharply when images are rotated.',
    rule: 'The benign model’s clean accuracy falls by more than 50 points at some angle.',
    judge: (all) =>
      eachBesideBenign(onePerDataset(all), (series) => {
        const drops = changed(series, 'rotation', 'IMAGE').map((at) => cleanDropAt(series, at));
        return (
          drops.length > 0 && {
            verdict: opposite(every(drops.map((drop) => opposite(above(drop, VERY_GREAT))))),
            evidence: `loses ${drops.map(({ value }) => points(value)).join(', ')}`,
          }
        );
      }),
  },
  {
    id: 'image-rotation-less-than-clean',
    where: '5.3, Fig. 4f',
    text: 'Under image rotation Reflection and DFST lose less ASR than clean accuracy is lost.',
    rule: 'At every angle ASR falls less than the benign model’s clean accuracy.',
    judge: (all) =>
      eachBesideBenign(of(all, 'refool', 'dfst'), (series) => {
        const turned = changed(series, 'rotation', 'IMAGE');
        const gaps = turned.map((at) => minus(cleanDropAt(series, at), asrDropAt(series, at)));
        return (
          gaps.length > 0 && {
            verdict: every(gaps.map((gap) => above(gap, 0))),
            evidence: `ASR loses ${turned.map((at) => points(asrDropAt(series, at).value)).join(', ')}; clean accuracy ${turned.map((at) => points(cleanDropAt(series, at).value)).join(', ')}`,
          }
        );
      }),
  },
  {
    id: 'errors-trigger',
    where: '5.4, Table 3',
    text: 'Trigger transformations lead to no wrong predictions: the true label comes back.',
    rule: 'BadNets’ error rate under each trigger configuration of Table 3 is at most 1 %.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const errors = errorRates(series, 'TRIGGER');
        return (
          errors && {
            verdict: every(errors.map((rate) => opposite(above(rate, SLIGHT)))),
            evidence: errors.map(({ value }) => percent(value)).join(', '),
          }
        );
      }),
  },
  {
    id: 'errors-image',
    where: '5.4, Table 3',
    text: 'Image transformations damage predictions significantly.',
    rule: 'BadNets’ error rate under the image’s scaling and rotation of Table 3 is above 10 %, and under each of its configurations above that of the trigger’s.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const [image, trigger] = [errorRates(series, 'IMAGE'), errorRates(series, 'TRIGGER')];
        return (
          image &&
          trigger && {
            verdict: every([
              ...image.slice(1).map((rate) => above(rate, GREAT)),
              ...image.map((rate, i) => above(minus(rate, trigger[i]!), 0)),
            ]),
            evidence: image.map(({ value }) => percent(value)).join(', '),
          }
        );
      }),
  },
  {
    id: 'errors-follow-accuracy',
    where: '5.4, Table 3 and Fig. 4',
    text: 'Error rates of image transformations follow the loss of clean accuracy.',
    rule: 'Over all image configurations of BadNets, the error rate and the benign model’s loss of clean accuracy have a rank correlation of at least 0.8; below 0.5 it is not held, in between undecided.',
    judge: (all) =>
      eachBesideBenign(of(all, 'badnets'), (series) => {
        // Where no sample is well predicted there is no error rate.
        const everywhere = TABLE_3.flatMap(({ transform }) => changed(series, transform, 'IMAGE')).filter(
          (at) => !Number.isNaN(rateAt(series, 'error', at).value),
        );
        if (everywhere.length < 3) return undefined;
        const errors = everywhere.map((at) => rateAt(series, 'error', at).value);
        const losses = everywhere.map((at) => cleanDropAt(series, at).value);
        const correlation = rankCorrelation(errors, losses);
        if (Number.isNaN(correlation))
          return { verdict: 'UNDECIDED', evidence: 'no correlation: one of the two is the same everywhere' };
        const verdict = correlation >= 0.8 ? 'HELD' : correlation < 0.5 ? 'NOT_HELD' : 'UNDECIDED';
        return { verdict, evidence: `${correlation.toFixed(2)} over ${everywhere.length} configurations` };
      }),
  },
  {
    id: 'smoothgrad-shows-trigger',
    where: '5.4, Fig. 5b',
    text: 'SmoothGrad shows the trigger of well-predicted trojaned samples (98 % of 50, by eye).',
    rule: 'For BadNets the map’s maximum lies in the trigger in more than 80 % of well-predicted samples.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const { hits, total, left } = countPointing(
          wellPredicted(series).flatMap(({ score }) => score ?? []),
        );
        if (total + left === 0) return undefined;
        return {
          verdict: above(share({ hits, total }), 0.8),
          evidence: `${hits} of ${total}${leftOut(left)}`,
        };
      }),
  },
  {
    id: 'defeated-trigger-unimportant',
    where: '5.4, Fig. 5',
    text: 'Where a transformation brings the true label back, the trigger’s importance almost disappears.',
    rule: 'In more than half of such explained outcomes the visible trigger’s share of the map’s energy, relative to its area, is below half of what it was untransformed in the same sample.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        const relative = ({ triggerEnergy, chanceEnergy }: Scored) => triggerEnergy / chanceEnergy;
        return inMostDefeats(series, (before, after) => relative(after) < relative(before) / 2);
      }),
  },
  {
    id: 'defeated-centre-important',
    where: '5.4, Fig. 5',
    text: 'Then the centre of the sample contributes largely.',
    rule: 'In more than half of the same outcomes the middle half of rows and columns has a larger share of the map’s energy than untransformed.',
    judge: (all) =>
      each(of(all, 'badnets'), (series) => {
        return inMostDefeats(series, (before, after) => after.centreEnergy > before.centreEnergy);
      }),
  },
];

/** Every statement with its verdict. */
export const judge = (all: readonly Series[]): JudgedStatement[] =>
  statements.map(({ judge, ...statement }) => {
    const findings = judge(all);
    return { ...statement, findings, verdict: every(findings.map(({ verdict }) => verdict)) };
  });

/** Whether an estimate is above a limit: decided only where its whole interval is on one side. */
export function above({ low, high }: Estimate, limit: number): Verdict {
  if (low > limit) return 'HELD';
  return high <= limit ? 'NOT_HELD' : 'UNDECIDED';
}
/** Whether it is within ± a limit. */
function within({ low, high }: Estimate, limit: number): Verdict {
  if (low >= -limit && high <= limit) return 'HELD';
  return low > limit || high < -limit ? 'NOT_HELD' : 'UNDECIDED';
}
const opposite = (verdict: Verdict): Verdict =>
  verdict === 'HELD' ? 'NOT_HELD' : verdict === 'NOT_HELD' ? 'HELD' : 'UNDECIDED';
function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('NOT_HELD')) return 'NOT_HELD';
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'HELD') ? 'HELD' : 'UNDECIDED';
}

type Judged = Omit<Finding, 'of'> | undefined | false;
const NO_DATA = { verdict: 'UNDECIDED', evidence: 'no data' } as const;

/** One finding for each series: undecided where it has no data. */
const each = (all: readonly Series[], judgeOne: (series: Series) => Judged, and?: string): Finding[] =>
  all.map((series) => {
    const judged = judgeOne(series);
    const name = `${titleOf(series)}${and ? ` ${and}` : ''} on ${datasetInfoOf(series.dataset).title}`;
    return { of: name, ...(judged || NO_DATA) };
  });

/** The same for what goes by the benign model's accuracy: undecided where there is no such model. */
const eachBesideBenign = (all: readonly Series[], judgeOne: (series: Series) => Judged): Finding[] =>
  each(all, (series) =>
    hasBenign(series) ? judgeOne(series) : { verdict: 'UNDECIDED', evidence: 'no benign model' },
  );

const trojaned = (all: readonly Series[]) => all.filter(({ attack }) => attack !== null);
/** Those whose trigger can be transformed. */
const withLayer = (all: readonly Series[]) =>
  trojaned(all).filter(({ attack }) => attackOf(attack!).triggerTransforms === true);
const of = (all: readonly Series[], ...attacks: AttackId[]) =>
  all.filter(({ attack }) => attack !== null && attacks.includes(attack));
const besides = (all: readonly Series[], left: AttackId) =>
  trojaned(all).filter(({ attack }) => attack !== left);
/** The other attacks on the same data. */
const beside = (all: readonly Series[], one: Series) =>
  trojaned(all).filter((series) => series.dataset === one.dataset && series.attack !== one.attack);
const onePerDataset = (all: readonly Series[]) =>
  trojaned(all).filter(({ dataset }, i, list) => list.findIndex((other) => other.dataset === dataset) === i);

const has = (series: Series, ...places: At[]) =>
  places.every(([transform, target, value]) => valuesOf(series, transform, target).includes(value));
/** The places where something changes. */
const changed = (series: Series, transform: TransformId, target: TransformTarget): At[] =>
  valuesOf(series, transform, target)
    .filter((value) => value !== identityOf(transform))
    .map((value) => [transform, target, value]);
function lowest(series: Series, transform: TransformId, target: TransformTarget): At | undefined {
  const asr = (at: At) => rateAt(series, 'asr', at).value;
  return changed(series, transform, target).sort((a, b) => asr(a) - asr(b))[0];
}

function fallsWith(series: Series, transform: TransformId, target: TransformTarget): Judged {
  const values = valuesOf(series, transform, target);
  if (values.length < 2) return undefined;
  const asr = values.map((value) => rateAt(series, 'asr', [transform, target, value]));
  const rises = asr.slice(1).map((rate, i) => minus(rate, asr[i]!));
  const fall = above(asrDropAt(series, [transform, target, values.at(-1)!]), SLIGHT);
  return {
    verdict: rises.some((rise) => above(rise, SLIGHT) === 'HELD') ? 'NOT_HELD' : fall,
    evidence: curveText(series, transform, target),
  };
}

function dropIs(series: Series, at: At, decide: (drop: Estimate) => Verdict): Judged {
  if (!has(series, at)) return undefined;
  const drop = asrDropAt(series, at);
  return { verdict: decide(drop), evidence: `loses ${interval(drop)}` };
}

function againstBadnets(all: readonly Series[], compare: (own: Series, other: Series) => Judged): Finding[] {
  return of(all, 'badnets').flatMap((own) => each(beside(all, own), (other) => compare(own, other)));
}

function losesMore(own: Series, other: Series, transform: TransformId, target: TransformTarget): Judged {
  const places = changed(own, transform, target).filter((at) => has(other, at));
  if (places.length === 0) return undefined;
  const drops = places.map((at) => [asrDropAt(own, at), asrDropAt(other, at)] as const);
  return {
    verdict: every(drops.map(([more, less]) => above(minus(more, less), 0))),
    evidence: `${titleOf(own)} loses ${drops.map(([drop]) => points(drop.value)).join(', ')}, ${titleOf(other)} ${drops.map(([, drop]) => points(drop.value)).join(', ')}`,
  };
}

function lessForImage(series: Series): Judged {
  const [trigger, image] = (['TRIGGER', 'IMAGE'] as const).map((target): At => ['translation', target, 3]);
  if (!has(series, trigger!, image!)) return undefined;
  const [one, two] = [asrDropAt(series, trigger!), asrDropAt(series, image!)];
  return {
    verdict: above(minus(one, two), 0),
    evidence: `loses ${points(one.value)} with the trigger, ${points(two.value)} with the image`,
  };
}

/** What the benign model loses of its clean accuracy. */
const cleanDropAt = (series: Series, at: At): Estimate =>
  minus(rateAt(series, 'benign', [at[0], at[1], identityOf(at[0])]), rateAt(series, 'benign', at));

/** At the configurations of Table 3; undefined where one is missing. */
function errorRates(series: Series, target: TransformTarget): Estimate[] | undefined {
  const places = TABLE_3.map(({ transform, value }): At => [transform, target, value]);
  return has(series, ...places) ? places.map((at) => rateAt(series, 'error', at)) : undefined;
}

/** Explained samples that are well predicted and untransformed, each once. */
export function wellPredicted({ models }: Series) {
  return models.flatMap(({ explanations }) => {
    const seen = new Set<number>();
    return explanations.filter(({ transform, value, kind, cleanRight, position }) => {
      const wanted =
        value === identityOf(transform) && kind === 'TARGET' && cleanRight && !seen.has(position);
      if (wanted) seen.add(position);
      return wanted;
    });
  });
}

/** How many scores point at the trigger, of those that point at anything; `left` are those that do not. */
export function countPointing(scores: readonly SaliencyScore[]) {
  const pointing = scores.filter(({ pointingHit }) => pointingHit !== null);
  const hits = pointing.filter(({ pointingHit }) => pointingHit).length;
  return { hits, total: pointing.length, left: scores.length - pointing.length };
}

/** What a rate leaves out because its map had nothing to score: zero everywhere, or pointing nowhere. */
export const leftOut = (left: number) => (left > 0 ? ` (${left} left out: nothing to score)` : '');

interface Scored {
  triggerEnergy: number;
  chanceEnergy: number;
  centreEnergy: number;
}
const isScored = (score: SaliencyScore | null): score is SaliencyScore & Scored =>
  score !== null && score.triggerEnergy !== null && score.centreEnergy !== null;

/** Scores before and after, of samples whose true label a transformation brings back with the trigger in view. */
function defeats({ models }: Series): { pairs: [before: Scored, after: Scored][]; left: number } {
  const pairs: [Scored, Scored][] = [];
  let left = 0;
  for (const { explanations } of models)
    for (const after of explanations) {
      if (after.kind !== 'TRUTH' || after.value === identityOf(after.transform) || !after.score) continue;
      const before = explanations.find(
        ({ position, transform, value, kind }) =>
          position === after.position && value === identityOf(transform) && kind === 'TARGET',
      );
      if (!before?.score) continue;
      if (isScored(before.score) && isScored(after.score)) pairs.push([before.score, after.score]);
      else left++;
    }
  return { pairs, left };
}

/** Whether something is so in more than half of them. */
function inMostDefeats(series: Series, isSo: (before: Scored, after: Scored) => boolean): Judged {
  const { pairs, left } = defeats(series);
  if (pairs.length + left === 0) return undefined;
  const hits = pairs.filter(([before, after]) => isSo(before, after)).length;
  return {
    verdict: above(share({ hits, total: pairs.length }), 0.5),
    evidence: `${hits} of ${pairs.length}${leftOut(left)}`,
  };
}

export const percent = (value: number, digits = 1) =>
  Number.isNaN(value) ? '–' : `${(100 * value).toFixed(digits)} %`;
const points = (value: number) => (Number.isNaN(value) ? '–' : `${(100 * value).toFixed(1)}`);
const interval = ({ value, low, high }: Estimate) =>
  `${points(value)} points (${points(low)} to ${points(high)})`;
const curveText = (series: Series, transform: TransformId, target: TransformTarget) =>
  `ASR ${valuesOf(series, transform, target)
    .map((value) => points(rateAt(series, 'asr', [transform, target, value]).value))
    .join(' → ')} %`;
