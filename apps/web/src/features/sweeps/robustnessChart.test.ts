import { describe, expect, it } from 'vitest';
import { all, markup, svgDocument } from '../../charts/testing/svgDocument';
import { dark, light } from '../../theme/palette';
import { type RobustnessData, type RobustnessPoint, robustnessChart } from './robustnessChart';

const aPoint = (value: number, asr: number): RobustnessPoint => ({
  id: `point-${value}`,
  value,
  asr: { value: asr, low: asr - 0.05, high: Math.min(1, asr + 0.05) },
  cleanAccuracy: { value: 0.9 },
  benignModelAccuracy: { value: 0.95 },
});

const aSweep = (overrides: Partial<RobustnessData> = {}): RobustnessData => ({
  points: [aPoint(0, 1), aPoint(45, 0.5), aPoint(90, 0.25)],
  values: [0, 45, 90],
  identity: 0,
  unit: '°',
  valueName: 'angle',
  ...overrides,
});

const size = { width: 504, height: 260 };
const draw = (overrides: Partial<RobustnessData> = {}, palette = light) =>
  robustnessChart(aSweep(overrides), size, palette, svgDocument());

describe('robustnessChart', () => {
  it('puts each point where its value and its ASR belong', () => {
    // The axes run from 52 + 16 to 504 − 20 − 16 px across and from 260 − 44 up to 16 px: 400 by 200 px.
    const points = all(draw(), 'circle').map(({ cx, cy }) => [Number(cx), Number(cy)]);
    expect(points).toEqual([
      [68, 16],
      [268, 116],
      [468, 166],
    ]);
  });

  it('spans all values asked for before they are computed', () => {
    const across = all(draw({ points: [aPoint(45, 0.5)] }), 'circle').map(({ cx }) => Number(cx));
    expect(across).toEqual([268, 268, 268]);
  });

  it('draws the benign model dotted in black, the trojaned one dashed, and the ASR solid', () => {
    const lines = markup(draw());
    expect(lines).toMatch(/stroke="#000000"[^>]*stroke-dasharray="0.1 4.5"/);
    expect(lines).toMatch(new RegExp(`stroke="${light.right}"[^>]*stroke-dasharray="6 4"`));
    expect(markup(draw({}, dark))).toMatch(
      new RegExp(`stroke="${dark.baseline}"[^>]*stroke-dasharray="0.1 4.5"`),
    );
  });

  it('has no dotted line where there is no benign model', () => {
    const points = aSweep().points.map((point) => ({ ...point, benignModelAccuracy: null }));
    for (const some of [points, points.slice(0, 1)]) {
      const figure = draw({ points: some });
      expect(all(figure, 'path').filter(({ d }) => d?.includes('NaN'))).toEqual([]);
      expect(all(figure, 'circle').filter(({ r }) => r === '1.4')).toEqual([]);
    }
    // Clean accuracy of the trojaned model alone: 90 % of 200 px, up from 216.
    const flat = all(draw({ points }), 'path').filter(({ d }) => /^M68,(36|26)L268,\1L468,\1$/.test(d ?? ''));
    expect(flat.map(({ d }) => d)).toEqual(['M68,36L268,36L468,36']);
    expect(all(draw(), 'path').filter(({ d }) => d === 'M68,26L268,26L468,26')).toHaveLength(1);
  });

  it('rings the point that is looked at', () => {
    const rings = all(draw({ selectedId: 'point-45' }), 'circle').filter(({ r }) => r === '9');
    expect(rings.map(({ cx, cy }) => [Number(cx), Number(cy)])).toEqual([[268, 116]]);
  });

  it('names axis and units, except in a small multiple', () => {
    expect(markup(draw())).toContain('angle (°)');
    expect(markup(draw())).toContain('45°');
    expect(markup(draw({ valueName: null }))).not.toContain('angle');
  });

  it('draws a sweep without points as empty axes', () => {
    expect(all(draw({ points: [] }), 'circle')).toEqual([]);
  });

  it('draws a sweep of a single value', () => {
    const [only] = all(draw({ values: [45], points: [aPoint(45, 0.5)] }), 'circle');
    expect(Number(only?.cx)).toBe(268);
  });

  it('looks as it did', async () => {
    await expect(markup(draw())).toMatchFileSnapshot('./__snapshots__/robustness.svg.txt');
  });
});
