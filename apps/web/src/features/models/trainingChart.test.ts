import { describe, expect, it } from 'vitest';
import { all, markup, svgDocument } from '../../charts/testing/svgDocument';
import { light } from '../../theme/palette';
import { type TrainingData, trainingChart } from './trainingChart';

const history = [
  { epoch: 1, loss: 0.5, accuracy: 0.8 },
  { epoch: 2, loss: 0.25, accuracy: 0.9 },
];
const draw = (overrides: Partial<TrainingData> = {}) =>
  trainingChart(
    { history, measure: 'loss', epochs: 4, ...overrides },
    { width: 258, height: 132 },
    light,
    svgDocument(),
  );

describe('trainingChart', () => {
  it('marks where training is, on axes of all epochs planned', () => {
    // 44 px at the left, 14 at the right: 200 px for 4 epochs. 8 px above, 24 below: 100 px for a loss of 0 to 0.5.
    const [now] = all(draw(), 'circle');
    expect([Number(now?.cx), Number(now?.cy)]).toEqual([144, 58]);
  });

  it('starts the accuracy axis at the tenth below the lowest', () => {
    // 0.8 to 1 over 100 px: 0.9 is half-way.
    const [now] = all(draw({ measure: 'accuracy' }), 'circle');
    expect(Number(now?.cy)).toBeCloseTo(58, 6);
  });

  it('draws a training that has not begun', () => {
    expect(all(draw({ history: [], epochs: null }), 'circle')).toEqual([]);
  });

  it('looks as it did', async () => {
    await expect(markup(draw({ measure: 'accuracy' }))).toMatchFileSnapshot(
      './__snapshots__/training.svg.txt',
    );
  });
});
