import { type DetectorId, datasetInfoOf, detectorOf, type View } from '@trojanscope/core/definitions';
import {
  type BestSets,
  bestSets,
  type Changes,
  changesOf,
  cornersOf,
  type Estimate,
  jointly,
  judgeSet,
  type Measured,
  meanOf,
  membersOf,
  type Population,
  rocOf,
  type Series,
  type StudyDetection,
  scoresOf,
  share,
  sum,
} from '@trojanscope/core/evaluation';
import { type ChartLine, drawChart } from './chart.js';
import type { Block } from './document.js';
import {
  colourAt,
  datasetsOf,
  percentAxis,
  slugOf,
  text,
  titleOf,
  trojanedOn,
  viewText,
  withInterval,
} from './words.js';

const NONE = '–';

/** A detector in one of its variants, tried on the models of an attack, one for each seed. */
interface Tried {
  series: Series;
  name: string;
  detections: StudyDetection[];
}

/** Who would notice: detectors tried on the models of a study. */
export function detectors(all: readonly Series[]): Block[] {
  return datasetsOf(all).flatMap((dataset): Block[] => {
    const tried = trojanedOn(all, dataset).flatMap(triedOn);
    if (tried.length === 0) return [];
    const data = datasetInfoOf(dataset).title;
    return [
      text(
        'A detector asks the model about changed copies of an image and makes a score of the answers, the higher the more it looks trojaned (docs/detectors.md). ' +
          'AUROC is how often a trojaned image scores higher than a clean one, 0.5 being chance; below it the detector takes clean images for trojaned ones. ' +
          'Intervals are 95 %; over several seeds the mean of theirs.',
      ),
      overview(tried, data),
      details(tried, data),
      controls(tried),
      ...[...new Set(tried.map(({ series }) => series))].map((series) =>
        curves(
          tried.filter((one) => one.series === series),
          data,
        ),
      ),
      ...sets(tried, data),
    ];
  });
}

function triedOn(series: Series): Tried[] {
  const byName = new Map<string, StudyDetection[]>();
  for (const detection of series.models.flatMap(({ detections }) => detections)) {
    const name = nameOf(detection);
    byName.set(name, [...(byName.get(name) ?? []), detection]);
  }
  return [...byName].map(([name, detections]) => ({ series, name, detections }));
}

/** Its title, what was chosen, and how much it asked where that is not as it is by default. */
export function nameOf({
  detector,
  parameters,
  queries,
}: Omit<StudyDetection, 'summary' | 'images'>): string {
  const { title, parameters: schema, views } = detectorOf(detector);
  const choices = Object.values(parameters).filter((value) => typeof value === 'string');
  const usual = queries === views(schema.parse({})).length || choices.length > 0;
  const other = Object.entries(parameters).some(
    ([name, value]) =>
      typeof value !== 'string' &&
      JSON.stringify(value) !== JSON.stringify((schema.parse({}) as Record<string, unknown>)[name]),
  );
  return [title, ...choices, ...(other || !usual ? [`(${queries} queries)`] : [])].join(' ');
}

const areas = (measured: readonly Measured[]): Estimate[] =>
  measured.flatMap((one) => ('why' in one ? [] : one.auroc));
const shown = (measured: readonly Measured[]): string => {
  const known = areas(measured);
  return known.length > 0 ? estimateText(meanOf(known)) : NONE;
};
/** Of 0 to 1, not a share. */
const estimateText = ({ value, low, high }: Estimate) =>
  `${value.toFixed(3)} (${Math.max(0, low).toFixed(3)}–${Math.min(1, high).toFixed(3)})`;

function overview(tried: readonly Tried[], data: string): Block {
  const attacks = [...new Set(tried.map(({ series }) => series))];
  const names = [...new Set(tried.map(({ name }) => name))];
  return {
    kind: 'TABLE',
    caption: `AUROC of every detector against every attack on ${data}, over all images`,
    columns: ['Detector', ...attacks.map(titleOf)],
    rows: names.map((name) => [
      name,
      ...attacks.map((series) => {
        const own = tried.find((one) => one.name === name && one.series === series);
        return own ? shown(own.detections.map(({ summary }) => summary.measures.ALL)) : NONE;
      }),
    ]),
  };
}

function details(tried: readonly Tried[], data: string): Block {
  return {
    kind: 'TABLE',
    caption:
      `The same on ${data} with what it takes: trojaned images caught where so many clean ones are flagged, with the threshold of half of the samples judged on the other half, ` +
      'where only trojaned images that fire and clean ones that are right count, and what the detector makes of the same images at the benign model',
    columns: [
      ...['Attack', 'Detector', 'Queries', 'Images of each kind', 'AUROC', 'by seed'],
      ...['Caught at 1 %', 'at 5 %', 'at 10 %', 'held out: caught', 'flagged of clean'],
      ...['AUROC, fired and right', 'AUROC, benign model'],
    ],
    rows: tried.map(({ series, name, detections }) => {
      const of = (population: Population) => detections.map(({ summary }) => summary.measures[population]);
      const caught = (rate: number, half: 'all' | 'heldOut', part: 'truePositives' | 'falsePositives') => {
        const counts = of('ALL').flatMap((measured) => {
          const at =
            'why' in measured ? undefined : measured.at.find((one) => one.falsePositiveRate === rate);
          return (half === 'all' ? at : at?.heldOut)?.[part] ?? [];
        });
        return counts.length > 0 ? withInterval(share(sum(counts)), 1) : NONE;
      };
      const seeds = areas(of('ALL'));
      return [
        titleOf(series),
        name,
        String(detections[0]!.queries),
        detections.map(({ summary }) => summary.samples.toLocaleString('en')).join(', '),
        shown(of('ALL')),
        seeds.length > 1 ? seeds.map(({ value }) => value.toFixed(3)).join(', ') : NONE,
        ...[0.01, 0.05, 0.1].map((rate) => caught(rate, 'all', 'truePositives')),
        caught(0.05, 'heldOut', 'truePositives'),
        caught(0.05, 'heldOut', 'falsePositives'),
        shown(of('FIRED_AND_RIGHT')),
        shown(detections.flatMap(({ summary }) => summary.benign?.ALL ?? [])),
      ];
    }),
  };
}

const CONTROLS = {
  permuted: 'the scores with labels that are drawn',
  otherClean: 'clean images against clean ones of another draw',
} as const;

/** What has to come to chance, and where it does not. */
function controls(tried: readonly Tried[]): Block {
  const found = (Object.keys(CONTROLS) as (keyof typeof CONTROLS)[]).flatMap((control) =>
    tried.flatMap(({ series, name, detections }) =>
      detections.flatMap(({ summary, seed }) => {
        const area = summary.controls[control];
        const of = `${name} against ${titleOf(series)}, seed ${seed}, ${CONTROLS[control]}`;
        return area ? [{ control, of, area }] : [];
      }),
    ),
  );
  const leaves = ({ low, high }: Estimate) => low > 0.5 || high < 0.5;
  const counted = (control: keyof typeof CONTROLS) => {
    const own = found.filter((one) => one.control === control);
    return `${CONTROLS[control]}, ${own.filter(({ area }) => leaves(area)).length} of ${own.length}`;
  };
  const jointlyMissed = found.filter(({ area }) => leaves(jointly(area, found.length)));
  return text(
    `Controls that have to come to 0.5, of which one interval of 95 % in twenty leaves it out by chance: ${counted('permuted')} do; ${counted('otherClean')}. ` +
      'All detectors of a seed have the same labels drawn and judge the same images, so that misses come together. ' +
      `Of intervals that are to hold all at once (Bonferroni) ${jointlyMissed.length || 'none'} ${jointlyMissed.length === 1 ? 'leaves' : 'leave'} 0.5 out` +
      (jointlyMissed.length > 0
        ? `: ${jointlyMissed.map(({ of, area }) => `${of} ${estimateText(area)}`).join('; ')}.`
        : '.'),
  );
}

const CHANCE: ChartLine = {
  name: '',
  colour: '#6b7280',
  style: 'DOTTED',
  points: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
};

function curves(tried: readonly Tried[], data: string): Block {
  const [{ series }] = tried as [Tried];
  const [model] = series.models;
  const { seed } = model!.spec;
  const title = `${titleOf(series)} on ${data}`;
  return {
    kind: 'PICTURE',
    name: `roc-${series.dataset}-${slugOf(series)}`,
    type: 'image/svg+xml',
    caption: `${title}, seed ${seed}: ROC of every detector over all images. The diagonal is chance.`,
    content: drawChart({
      title: `${title}: ROC`,
      x: percentAxis('Clean images flagged'),
      y: percentAxis('Trojaned images flagged'),
      lines: [
        CHANCE,
        ...tried.map(({ name, detections: [first] }, i) => {
          const scores = scoresOf(first!.images, 'ALL', model!.spec.backdoor!.targetLabel);
          const points = cornersOf(rocOf(scores));
          const last = points.at(-1)!;
          return {
            name,
            colour: colourAt(i),
            style: 'LINE' as const,
            points: points.map(({ truePositives, falsePositives }) => ({
              x: falsePositives / last.falsePositives,
              y: truePositives / last.truePositives,
            })),
          };
        }),
      ],
    }),
  };
}

/** Sets of so many transforms are compared. With the image as it is these are 3, 5 and 7 queries. */
const SIZES = [2, 4, 6];
/** Of transforms that sets are made of there are at most as many as fit into a number's bits. */
const MOST_QUERIES = 32;
/** A model that is fooled by fewer of its trojaned images has little to detect. */
const LEAST_FIRED = 0.5;

/** Which few transforms geometric consistency should ask about: of the detection of it that asked about the most. */
function sets(tried: readonly Tried[], data: string): Block[] {
  const own = tried.filter(
    ({ detections: [first] }) => first!.detector === GEOMETRIC && first!.queries <= MOST_QUERIES,
  );
  const widest = own.reduce<Tried | undefined>(
    (most, one) => (one.detections[0]!.queries > (most?.detections[0]?.queries ?? 0) ? one : most),
    undefined,
  );
  if (!widest || own.length < 2) return [];
  const asked = own.filter(({ name }) => name === widest.name);
  const all = asked.flatMap(({ series, detections }) =>
    detections.map((detection) => ({ series, detection, changes: changesIn(series, detection) })),
  );
  const fired = all.filter(({ detection, series }) => firedIn(series, detection) >= LEAST_FIRED);
  const left = asked
    .filter(({ series }) => !fired.some((one) => one.series === series))
    .map(({ series }) => titleOf(series));
  if (fired.length === 0) return [];
  const models = fired.map(({ changes }) => changes);
  const { parameters, queries } = widest.detections[0]!;
  const views = detectorOf(GEOMETRIC).views(parameters).slice(1);
  const usual = setOf(
    views,
    detectorOf(GEOMETRIC).views(detectorOf(GEOMETRIC).parameters.parse({})).slice(1),
  );
  const best = SIZES.filter((size) => size < views.length).map((size) =>
    bestSets(models, views.length, size),
  );
  const sizes = best.map(({ size }) => size + 1);
  const attacks = [...new Set(fired.map(({ series }) => series))];
  return [
    text(
      `Geometric consistency was asked about ${queries - 1} transforms of each image. For ${sizes.join(', ')} queries (the image as it is counts) every set of ${best.map(({ size }) => size).join(', ')} of them was compared: ` +
        'chosen is the one of the highest mean AUROC over all models on every other sample; what stands here is of the rest of the samples. ' +
        'An attack that was not seen is judged by the set that is best against the others.' +
        (left.length > 0
          ? ` Left out, because the backdoor fires on fewer than half of the images: ${left.join(', ')}.`
          : ''),
    ),
    {
      kind: 'TABLE',
      caption: `The best few transforms to ask about on ${data}, chosen on one half of the samples, judged on the other`,
      columns: [
        ...['Queries', 'Sets compared', 'Transforms', 'Mean AUROC', 'Lowest', 'Mean, attack not seen'],
        'Lowest',
      ],
      rows: [
        ...best.map((one) => setRow(one, views, fired)),
        ...(usual === undefined ? [] : [usualRow(judgeSet(models, usual).aurocs, usual, views, fired)]),
      ],
    },
    {
      kind: 'TABLE',
      caption: `Each transform alone on ${data}: AUROC of whether it changes the label, judged on the same half${fired.length > attacks.length ? ', means over seeds' : ''}`,
      columns: ['Transform', ...attacks.map(titleOf)],
      rows: views.map((view, i) => {
        const { aurocs } = judgeSet(models, 1 << i);
        const meanOfAttack = (series: Series) =>
          meanOf(aurocs.filter((_, model) => fired[model]!.series === series)).value.toFixed(3);
        return [viewText(view), ...attacks.map(meanOfAttack)];
      }),
    },
  ];
}

const GEOMETRIC: DetectorId = 'geometricConsistency';

type Asked = { series: Series; detection: StudyDetection };

const modelText = (series: Series, { seed }: StudyDetection, all: readonly Asked[]) =>
  all.filter((one) => one.series === series).length > 1 ? `${titleOf(series)}, ${seed}` : titleOf(series);

const changesIn = ({ attack }: Series, { images }: StudyDetection): Changes => ({
  attack: attack!,
  images: images
    .filter(({ kind }) => kind !== 'OTHER_CLEAN')
    .map(({ kind, sampleIndex, labels }) => ({
      sample: sampleIndex,
      trojaned: kind === 'TROJANED',
      changed: changesOf(labels),
    })),
});

function firedIn({ models }: Series, { images }: StudyDetection): number {
  const trojaned = images.filter(({ kind }) => kind === 'TROJANED');
  const { targetLabel } = models[0]!.spec.backdoor!;
  return trojaned.filter(({ predicted }) => predicted === targetLabel).length / trojaned.length;
}

/** The set of these transforms among all that were asked about; undefined where one of them was not, or not as often. */
function setOf(views: readonly View[], wanted: readonly View[]): number | undefined {
  let set = 0;
  for (const view of wanted) {
    const place = views.findIndex(
      (one, i) => !((set >> i) & 1) && JSON.stringify(one) === JSON.stringify(view),
    );
    if (place < 0) return undefined;
    set |= 1 << place;
  }
  return set;
}

const namesOf = (set: number, views: readonly View[]) =>
  membersOf(set)
    .map((i) => viewText(views[i]!))
    .join(', ');

function lowestText(aurocs: readonly Estimate[], names: readonly string[]): string {
  const lowest = aurocs.reduce((least, { value }, i) => (value < aurocs[least]!.value ? i : least), 0);
  return `${aurocs[lowest]!.value.toFixed(3)} (${names[lowest]})`;
}

function setRow({ size, tried, all, unseen }: BestSets, views: readonly View[], fired: readonly Asked[]) {
  const names = fired.map(({ series, detection }) => modelText(series, detection, fired));
  const others = unseen.flatMap(({ attack, judged }) => {
    const own = fired.filter(({ series }) => series.attack === attack);
    return judged.aurocs.map((area, i) => ({
      area,
      name: modelText(own[i]!.series, own[i]!.detection, fired),
    }));
  });
  return [
    String(size + 1),
    tried.toLocaleString('en'),
    namesOf(all.set, views),
    estimateText(meanOf(all.aurocs)),
    lowestText(all.aurocs, names),
    others.length > 0 ? estimateText(meanOf(others.map(({ area }) => area))) : NONE,
    others.length > 0
      ? lowestText(
          others.map(({ area }) => area),
          others.map(({ name }) => name),
        )
      : NONE,
  ];
}

function usualRow(aurocs: readonly Estimate[], set: number, views: readonly View[], fired: readonly Asked[]) {
  const names = fired.map(({ series, detection }) => modelText(series, detection, fired));
  return [
    `${membersOf(set).length + 1}, by default`,
    NONE,
    namesOf(set, views),
    estimateText(meanOf(aurocs)),
    lowestText(aurocs, names),
    NONE,
    NONE,
  ];
}
