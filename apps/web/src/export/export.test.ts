import { describe, expect, it } from 'vitest';
import { all, markup, svgDocument } from '../charts/testing/svgDocument';
import { trainingChart } from '../features/models/trainingChart';
import { light } from '../theme/palette';
import { picturesSvg, sheetSvg } from './sheet';
import { snippets } from './snippets';
import { csv, latex, tableOf } from './table';

describe('a snippet', () => {
  const request = {
    query: `query Curves($ids: [ID!]!, $target: TransformTarget, $first: Int!) {
  robustnessCurves(filter: {modelIds: $ids, target: $target}) {
    unit
  }
}`,
    variables: { ids: ['mod_1', 'mod_"2'], target: 'IMAGE', first: 3 },
    address: 'http://127.0.0.1:4000/graphql',
    signIn: false,
  };

  it('in GraphQL carries its variables as defaults: ids in quotes, enums and numbers without', () => {
    expect(snippets.graphql.write(request).split('\n')[0]).toBe(
      'query Curves($ids: [ID!]! = ["mod_1", "mod_\\"2"], $target: TransformTarget = IMAGE, $first: Int! = 3) {',
    );
  });
  it('leaves a variable that is not given without a default', () => {
    const written = snippets.graphql.write({ ...request, variables: { ids: [], first: 1 } });
    expect(written).toContain('$target: TransformTarget, ');
  });
  it('for curl is one line of JSON that the shell leaves alone', () => {
    const [command, body, end] = snippets.curl.write(request).split('\n');
    expect(command).toBe(
      `curl -s http://127.0.0.1:4000/graphql -H 'content-type: application/json' --data-binary @- <<'END'`,
    );
    expect(JSON.parse(body!).variables).toEqual(request.variables);
    expect(end).toBe('END');
  });
  it('takes a token from the environment where one has to sign in, and never holds one', () => {
    for (const { write } of [snippets.curl, snippets.python, snippets.typescript]) {
      expect(write({ ...request, signIn: true })).toMatch(/TROJANSCOPE_TOKEN/);
      expect(write(request)).not.toMatch(/TROJANSCOPE_TOKEN|authorization/);
    }
  });
  it('writes Python’s own words for true, false and nothing', () => {
    const variables = { yes: true, no: false, none: null, deep: { list: [1.5] } };
    expect(snippets.python.write({ ...request, variables })).toContain(
      'variables = {"yes": True, "no": False, "none": None, "deep": {"list": [1.5]}}',
    );
  });
});

describe('a table', () => {
  const table = tableOf(
    [
      { name: '=cmd, "5 %"', asr: 0.5 },
      { name: 'Blend_2 & Co', asr: null },
      { name: '✓ a\n✗ b', asr: 1 },
    ],
    [
      { title: 'model', value: ({ name }) => name },
      {
        title: 'ASR',
        value: ({ asr }) => asr,
        text: ({ asr }) => (asr === null ? '–' : `${asr * 100}\u202f%`),
      },
    ],
  );
  it('as CSV holds plain numbers, quotes what it must, and no formula', () => {
    expect(csv(table)).toBe('model,ASR\r\n"\'=cmd, ""5 %""",0.5\r\nBlend_2 & Co,\r\n"✓ a\n✗ b",1\r\n');
  });
  it('as LaTeX is what people read, escaped, numbers to the right', () => {
    expect(latex(table)).toBe(
      [
        '\\begin{tabular}{lr}',
        '  \\hline',
        '  model & ASR \\\\',
        '  \\hline',
        '  =cmd, "5 \\%" & 50\\,\\% \\\\',
        '  Blend\\_2 \\& Co & -- \\\\',
        '  $+$ a; $-$ b & 100\\,\\% \\\\',
        '  \\hline',
        '\\end{tabular}',
        '',
      ].join('\n'),
    );
  });
});

describe('a sheet', () => {
  const history = [
    { epoch: 1, loss: 0.5, accuracy: 0.8 },
    { epoch: 2, loss: 0.25, accuracy: 0.9 },
  ];
  const draw = () =>
    sheetSvg(
      {
        title: 'Training',
        columns: 2,
        size: { width: 300, height: 150 },
        legend: [
          { label: 'loss', stroke: light.ink, kind: 'line' },
          { label: 'band', stroke: light.asr, kind: 'area' },
        ],
        charts: ['one', 'two', 'three'].map((title) => ({
          title,
          draw: (size, palette, document) =>
            trainingChart({ history, measure: 'loss', epochs: 2 }, size, palette, document),
        })),
      },
      svgDocument(),
    );
  it('holds title, legend, and every chart with its axes, side by side', () => {
    const figures = all(draw(), 'svg').filter(({ x }) => x !== undefined);
    // Two across: 16 px of margin, 300 px of chart, 18 px between; the third starts a new row.
    expect(figures.map(({ x, y }) => [Number(x), Number(y)])).toEqual([
      [16, 86],
      [334, 86],
      [16, 274],
    ]);
    const text = markup(draw());
    for (const word of ['Training', 'loss', 'band', 'one', 'three', '0.5']) expect(text).toContain(word);
    expect(text).toMatchSnapshot();
  });
});

describe('a sheet of pictures', () => {
  const picture = (caption: string[]) => ({
    url: 'data:image/png;base64,AAAA',
    width: 28,
    height: 28,
    caption,
  });
  it('goes on in the next line where a caption is longer than its picture', async () => {
    const pictures = [picture(['Reflection (Refool) ResNet-34 on GTSRB', '99 %']), picture(['clean'])];
    const svg = markup(await picturesSvg('Pictures', pictures, 2, svgDocument()));
    // 132 px of 6.4 px a letter: 20 letters.
    expect(Array.from(svg.matchAll(/<text y="\d+">\n +(.+)/g), ([, text]) => text)).toEqual([
      ...['Reflection (Refool)', 'ResNet-34 on GTSRB', '99 %', 'clean'],
    ]);
  });
});
