import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createRandom } from '../lib/random.js';
import type { Answers } from './detector.js';
import { type DetectorId, detectorOf } from './index.js';
import { measureScores, rocOf } from './measures.js';

/** Scores and measures against the papers' formulas in Python, from nothing but the answers. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasPython = spawnSync(python, ['-c', 'import json, math, statistics']).status === 0;
if (!hasPython) console.log(`skipped: there is no ${python}`);

const PROGRAM = `
import json, math, statistics, sys
def strip(labels, entropies):
    return -statistics.fmean(e / math.log(2) for e in entropies)
def changed(labels, entropies):
    return sum(label != labels[0] for label in labels[1:]) / (len(labels) - 1)
def consistent(labels, entropies):
    return 1 - changed(labels, entropies)
def teco(labels, entropies):
    first = []
    for start in range(1, len(labels), 5):
        severities = [s + 1 for s, label in enumerate(labels[start:start + 5]) if label != labels[0]]
        first.append(severities[0] if severities else 6)
    return statistics.pstdev(first)
score = dict(geometricConsistency=changed, composedConsistency=changed, strip=strip, scaleUp=consistent, teco=teco)
def measured(detector, images):
    scores = [score[detector](i['labels'], i['entropies']) for i in images]
    bad = [s for s, i in zip(scores, images) if i['trojaned']]
    good = [s for s, i in zip(scores, images) if not i['trojaned']]
    # Mann and Whitney: every pair, ties half.
    area = sum((b > g) + (b == g) / 2 for b in bad for g in good) / len(bad) / len(good)
    rates = []
    for rate in (0.01, 0.05, 0.1):
        best = 0
        for threshold in scores:
            if sum(g >= threshold for g in good) <= rate * len(good):
                best = max(best, sum(b >= threshold for b in bad))
        rates.append(best)
    return dict(scores=scores, area=area, rates=rates)
print(json.dumps([measured(*one) for one in json.load(sys.stdin)]))`;

it.skipIf(!hasPython)('is what Python makes of the same answers', () => {
  const random = createRandom(3);
  const cases = (
    [
      ['geometricConsistency', {}],
      ['composedConsistency', { shiftPx: 0 }],
      ['strip', { overlays: 12 }],
      ['scaleUp', {}],
      ['scaleUp', { factors: 'AUTHORS_CODE' }],
      ['teco', {}],
      ['teco', { corruptions: 'CUMULATIVE' }],
    ] as const
  ).map(([id, given]) => {
    const detector = detectorOf(id as DetectorId);
    const parameters = detector.parameters.parse(given);
    const views = detector.views(parameters).length;
    const images = Array.from({ length: 240 }, (_, i) => {
      const trojaned = i % 2 === 0;
      const answers: Answers = {
        labels: Int32Array.from({ length: views }, () => (random.float() < (trojaned ? 0.3 : 0.1) ? 1 : 0)),
        confidences: new Float32Array(views).fill(0.5),
        entropies: Float32Array.from({ length: views }, () => random.float() * (trojaned ? 1 : 2)),
      };
      return { trojaned, sample: i >> 1, answers, score: detector.score(answers, parameters) };
    });
    return { id, images };
  });
  const input = JSON.stringify(
    cases.map(({ id, images }) => [
      id,
      images.map(({ trojaned, answers: { labels, entropies } }) => ({
        trojaned,
        labels: [...labels],
        entropies: [...entropies],
      })),
    ]),
  );
  const theirs = JSON.parse(execFileSync(python, ['-c', PROGRAM], { input, encoding: 'utf8' }));
  for (const [i, { images }] of cases.entries()) {
    const { scores, area, rates } = theirs[i];
    images.forEach(({ score }, j) => void expect(score).toBeCloseTo(scores[j], 12));
    const { auroc, at } = measureScores(images);
    expect(auroc.value).toBeCloseTo(area, 12);
    expect(at.map(({ truePositives }) => truePositives.hits)).toEqual(rates);
    expect(rocOf(images).at(-1)).toMatchObject({ truePositives: 120, falsePositives: 120 });
  }
});
