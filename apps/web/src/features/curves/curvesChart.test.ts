import { describe, expect, it } from 'vitest';
import { all, markup, svgDocument } from '../../charts/testing/svgDocument';
import { dark, light } from '../../theme/palette';
import { seriesStyle } from '../../theme/series';
import { type CurvePoint, type CurvesData, curvesChart, meanOf } from './curvesChart';
import { heatmapChart, heatmapHeight } from './heatmapChart';

const aPoint = (value: number, asr: number): CurvePoint => ({
  id: `point-${value}`,
  value,
  asr: { value: asr, low: asr - 0.1, high: Math.min(1, asr + 0.1), denominator: 100 },
  asrDrop: 1 - asr,
  cleanAccuracy: { value: 0.75 },
  benignModelAccuracy: { value: 0.8 },
});
const aCurve = (place: number, asrs: readonly number[]) => ({
  modelId: `model-${place}`,
  style: seriesStyle(place),
  points: asrs.map((asr, i) => aPoint(i * 45, asr)),
});
const someCurves = (overrides: Partial<CurvesData> = {}): CurvesData => ({
  curves: [aCurve(0, [1, 0.5, 0.25]), aCurve(1, [1, 0.75, 0.5])],
  seedGroups: [],
  values: [0, 45, 90],
  identity: 0,
  unit: '°',
  valueName: 'Angle',
  measure: 'asr',
  bands: true,
  baselines: true,
  ...overrides,
});

// From 44 + 8 to 474 − 14 − 8 px across, and from 246 − 38 up to 8 px: 400 by 200 px.
const size = { width: 474, height: 246 };
const draw = (overrides: Partial<CurvesData> = {}, palette = light) =>
  curvesChart(someCurves(overrides), size, palette, svgDocument());
const paths = (figure: unknown) => all(figure, 'path').map(({ d }) => d);

describe('curvesChart', () => {
  it('draws each model’s ASR where it belongs', () => {
    expect(paths(draw())).toContain('M52,8L252,108L452,158');
    expect(paths(draw())).toContain('M52,8L252,58L452,108');
  });
  it('draws what the transform took, the other way up', () => {
    // A drop of 0 at the bottom, of 50 and 75 points above it.
    expect(paths(draw({ measure: 'drop' }))).toContain('M52,208L252,108L452,58');
  });
  it('has bands from low to high, and none where they are switched off', () => {
    // The first model’s ASR lies between 90 and 100 %, 40 and 60 %, 15 and 35 %.
    expect(paths(draw())).toContain('M52,8L252,88L452,138L452,178L252,128L52,28Z');
    expect(markup(draw({ bands: false }))).not.toContain('fill-opacity');
  });
  it('dots the clean accuracies: of the trojaned model in its colour, of the benign one in black', () => {
    const text = markup(draw());
    expect(text).toMatch(/stroke="#0072b2"[^>]*stroke-dasharray="0.1 4"/);
    expect(text).toMatch(/stroke="#000000"[^>]*stroke-dasharray="0.1 4"/);
    expect(paths(draw())).toContain('M52,58L252,58L452,58');
    expect(markup(draw({ baselines: false }))).not.toContain('0.1 4');
  });
  it('draws no black line for a model that is compared with none', () => {
    const alone = (curve: ReturnType<typeof aCurve>) => ({
      ...curve,
      points: curve.points.map((point) => ({ ...point, benignModelAccuracy: null })),
    });
    const curves = someCurves().curves.map((curve) => alone(curve as ReturnType<typeof aCurve>));
    // Clean accuracy is 75 % of the trojaned models, 80 % of the benign one.
    expect(paths(draw())).toEqual(expect.arrayContaining(['M52,48L252,48L452,48']));
    expect(paths(draw({ curves }))).toContain('M52,58L252,58L452,58');
    expect(paths(draw({ curves }))).not.toContain('M52,48L252,48L452,48');
  });
  it('draws a hundred curves as thin lines without dots', () => {
    const curves = Array.from({ length: 100 }, (_, place) => aCurve(place, [1, 0.5, 0.25]));
    const figure = draw({ curves, bands: false, baselines: false });
    expect(paths(figure).filter((d) => d === 'M52,8L252,108L452,158')).toHaveLength(100);
    expect(markup(figure)).not.toContain('stroke-width="0.75"');
    // One element for each curve, besides the frame's and one for each of four kinds of dash.
    expect(all(figure, 'g').length).toBeLessThan(20);
  });
  it('draws models that differ in their seed alone as faint lines behind their mean', () => {
    const figure = draw({ seedGroups: [['model-0', 'model-1']], baselines: false });
    // Of 100, 50, 25 % and 100, 75, 50 %.
    expect(paths(figure)).toEqual(
      expect.arrayContaining(['M52,8L252,108L452,158', 'M52,8L252,58L452,108', 'M52,8L252,83L452,133']),
    );
    const text = markup(figure);
    expect(text).toContain('stroke-opacity="0.5"');
    // Of a mean nobody has said an interval.
    expect(text).not.toContain('fill-opacity');
    const unequal = [aCurve(0, [1, 0.5, 0.25]), aCurve(1, [1, 0.75])];
    expect(meanOf(unequal, 'asr')).toEqual([
      { value: 0, mean: 1 },
      { value: 45, mean: 0.625 },
    ]);
  });
  it('draws a model’s curve as soon as it has a point', () => {
    expect(() => draw({ curves: [aCurve(0, [1]), aCurve(1, [])] })).not.toThrow();
  });
  it.each([
    ['light', light],
    ['dark', dark],
  ])('in %s', (_, palette) => {
    expect(markup(draw({}, palette))).toMatchSnapshot();
  });
});

describe('heatmapChart', () => {
  const models = [
    { id: 'a', name: 'BadNets' },
    { id: 'b', name: 'A model with a name that is much too long to stand beside it' },
  ];
  const groups = [
    { key: 'rotation/IMAGE', title: 'Rotation of the image', unit: '°', values: [0, 45] },
    { key: 'scaling/IMAGE', title: 'Scaling of the image', unit: '×', values: [0.8] },
  ];
  const cells = [
    { modelId: 'a', group: 'rotation/IMAGE', value: 0, shown: 1 },
    { modelId: 'a', group: 'rotation/IMAGE', value: 45, shown: 0 },
    { modelId: 'b', group: 'scaling/IMAGE', value: 0.8, shown: 0.5 },
  ];
  const figure = (rows = models) =>
    heatmapChart(
      { models: rows, groups, cells },
      { width: 600, height: heatmapHeight(rows.length) },
      light,
      svgDocument(),
    );

  it('has a rectangle for each cell, light for much, dark for little', () => {
    const rects = all(figure(), 'rect');
    expect(rects).toHaveLength(3);
    const [most, none, half] = rects;
    // Two models: the first row above the second; three columns and a gap: the third group’s is the fourth.
    expect(Number(most!.y)).toBeLessThan(Number(half!.y));
    expect(Number(none!.x)).toBeLessThan(Number(half!.x));
    // Cividis runs from a dark blue to a light yellow.
    const channels = (fill: string) => fill.match(/\d+/g)!.map(Number);
    const brightness = (rect: Record<string, string>) => channels(rect.fill!).reduce((a, b) => a + b, 0);
    expect(brightness(none!)).toBeLessThan(brightness(half!));
    expect(brightness(half!)).toBeLessThan(brightness(most!));
  });
  it('writes the percentage into each, names and values beside them', () => {
    const text = markup(figure());
    for (const word of ['100', '50', 'BadNets', '45°', '×0.8', 'Rotation', 'image', '…'])
      expect(text).toContain(word);
    expect(text).toMatchSnapshot();
  });
  it('leaves the percentages of more models than one reads to the cell that is looked at', () => {
    const many = [...models, ...Array.from({ length: 48 }, (_, i) => ({ id: `m${i}`, name: `m${i}` }))];
    expect(all(figure(many), 'rect')).toHaveLength(3);
    expect(markup(figure(many))).not.toMatch(/\b50$/m);
    expect(markup(figure())).toMatch(/\b50$/m);
  });
});
