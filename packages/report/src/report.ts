import { whyCollapsed } from '@trojanscope/core/definitions';
import {
  type JudgedStatement,
  judge,
  type StudyResults,
  seriesOf,
  type Verdict,
} from '@trojanscope/core/evaluation';
import { defences } from './defences.js';
import { detectors } from './detectors.js';
import type { Block, Section } from './document.js';
import { table3 } from './errors.js';
import { comparisons, explanations } from './explanations.js';
import { figures } from './figures.js';
import { modelTable, table2 } from './models.js';
import { provenance } from './provenance.js';
import { purifiers } from './purifiers.js';
import { robustness } from './robustness.js';
import { seedSpread, verdictsBySeed } from './seeds.js';
import { type Benchmark, speed } from './speed.js';
import { curvesTable, detectionsTable, explanationsTable, type ReportTable } from './tables.js';
import { variedParameters } from './varied.js';
import { text } from './words.js';

export interface StudyReport {
  title: string;
  sections: Section[];
  verdicts: JudgedStatement[];
  /** What is not done yet, in words. */
  missing: readonly string[];
  /** Raw data as tables: every point, every explanation, every detection; those that have rows. */
  tables: ReportTable[];
}

/** What a study comes to, beside the paper. @param measured the evaluation's speed, where somebody measured it */
export function reportOf(results: StudyResults, measured?: Benchmark): StudyReport {
  const every = seriesOf(results);
  // What is no classifier says nothing of an attack: it stands among the models alone.
  const sound = {
    ...results,
    models: results.models.filter((model) => !whyCollapsed(model)),
  };
  const all = seriesOf(sound);
  const verdicts = judge(all);
  const paper = (where: string) => (results.reproduces ? ` (${where})` : '');
  return {
    title: results.title,
    verdicts,
    missing: results.missing,
    sections: [
      { title: 'What this is', blocks: introduction(results) },
      {
        title: 'The paper’s statements',
        blocks: results.reproduces ? verdictBlocks(verdicts, verdictsBySeed(sound)) : [],
      },
      results.reproduces
        ? { title: 'Models (Table 2)', blocks: [...table2(every), ...collapsed(results)] }
        : { title: 'Models', blocks: [...modelTable(every), ...collapsed(results)] },
      { title: `Trigger transformations${paper('Fig. 3')}`, blocks: figures(all, 'TRIGGER', sound) },
      { title: `Image transformations${paper('Fig. 4')}`, blocks: figures(all, 'IMAGE', sound) },
      { title: 'What the grid varies', blocks: variedParameters(all) },
      { title: 'What a seed changes', blocks: seedSpread(all) },
      { title: 'Robustness profile', blocks: robustness(all) },
      { title: `Errors${paper('Table 3')}`, blocks: table3(all, results.reproduces) },
      {
        title: `Explanations${paper('section 5.4, Fig. 5')}`,
        blocks: [...explanations(all), ...comparisons(all)],
      },
      { title: 'Beyond the paper: what a defender would deploy', blocks: defences(all) },
      { title: 'Who would notice', blocks: detectors(all) },
      { title: 'Purifiers', blocks: purifiers(all) },
      { title: 'Speed of the evaluation', blocks: measured ? speed(measured) : [] },
      { title: 'Seeds, versions, durations', blocks: provenance(results) },
    ].filter(({ blocks }) => blocks.length > 0),
    tables: [curvesTable(results), explanationsTable(results), detectionsTable(results)].filter(
      ({ rows }) => rows.length > 0,
    ),
  };
}

/** Models that are no classifiers, in words. */
function collapsed({ models }: StudyResults): Block[] {
  const found = models.flatMap((model) => {
    const why = whyCollapsed(model);
    return why ? [`${model.name}: ${why}`] : [];
  });
  return found.length > 0 ? [text(`Left out of all that follows. ${found.join(' ')}`)] : [];
}

/** An ISO moment as `2026-01-31 23:59 UTC`. */
const minuteOf = (moment: string) => `${moment.slice(0, 16).replace('T', ' ')} UTC`;

function introduction({
  reproduces,
  documentSha256,
  options,
  missing,
  startedAt,
  finishedAt,
  models,
}: StudyResults): Block[] {
  const used = (attack: string) =>
    models.find(({ spec }) => spec.backdoor?.attack === attack)?.spec.backdoor?.parameters;
  const style =
    used('dfst')?.style === 'cezanne'
      ? 'paintings of Cézanne’s, as the paper’s'
      : 'our own sunsets, not the paper’s Cézanne';
  const picture = used('refool')?.pictureFile
    ? 'a picture that was given'
    : 'our own apple, as the paper’s is not public';
  const pictures = [
    used('dfst') && `DFST’s style is ${style}.`,
    used('refool') && `Reflection reflects ${picture}.`,
  ].filter(Boolean);
  return [
    text(
      (reproduces
        ? 'The evaluation of Hu, Lan, Gao, Meng, Chen: “Why is Your Trojan NOT Responding?” run again, our numbers beside theirs. '
        : '') +
        'Rates stand with their 95 % intervals (Wilson), differences with intervals that know that the samples are the same where they are.',
    ),
    text(
      `Seeds: ${options.seeds.join(', ')}${options.seeds.length > 1 ? ' (rates are over all of them taken together; the spread stands beside)' : ''}. ` +
        `${options.sizePx ? `Images resized to ${options.sizePx} px instead of 96. ` : ''}${pictures.length ? `${pictures.join(' ')} ` : ''}` +
        `Computed from ${minuteOf(startedAt)} to ${finishedAt ? minuteOf(finishedAt) : '(not finished)'}; the last section says with what. Its document: SHA-256 ${documentSha256.slice(0, 12)}….`,
    ),
    ...(missing.length > 0
      ? [
          text(
            `This study is not complete. Missing: ${missing.join('; ')}. What follows is of what is there; a statement without its data is undecided.`,
          ),
        ]
      : []),
  ];
}

const VERDICTS: Record<Verdict, { mark: string; word: string }> = {
  HELD: { mark: '✓', word: 'held' },
  NOT_HELD: { mark: '✗', word: 'not held' },
  UNDECIDED: { mark: '?', word: 'undecided' },
};

/** As `✓ 8, ? 2`. */
const tally = (counts: Record<Verdict, number>) =>
  (Object.keys(VERDICTS) as Verdict[])
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${VERDICTS[verdict].mark}\u00a0${counts[verdict]}`)
    .join(', ');

function verdictBlocks(
  verdicts: readonly JudgedStatement[],
  bySeed: ReturnType<typeof verdictsBySeed>,
): Block[] {
  const count = (wanted: Verdict) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  return [
    text(
      `Of ${verdicts.length} statements ${count('HELD')} held, ${count('NOT_HELD')} did not, ${count('UNDECIDED')} are undecided. Each is decided by the rule beside it: ` +
        'a comparison is true or false only where the whole 95 % interval of the difference says so, else undecided; a statement holds where all its comparisons do and fails where one does.' +
        (bySeed.size > 0 ? ' Beside it, what each seed alone would say.' : ''),
    ),
    {
      kind: 'TABLE',
      caption: 'Statements of the paper, each with its rule and the numbers it was decided by',
      columns: [
        'Section',
        'The paper says',
        'Verdict',
        ...(bySeed.size > 0 ? ['By seed'] : []),
        'Rule',
        'Data',
      ],
      rows: verdicts.map(({ id, where, text, verdict, rule, findings }) => [
        where,
        text,
        `${VERDICTS[verdict].mark}\u00a0${VERDICTS[verdict].word.replace(' ', '\u00a0')}`,
        ...(bySeed.size > 0 ? [findings.length === 0 ? '–' : tally(bySeed.get(id)!)] : []),
        rule,
        findings.length === 0
          ? 'no data'
          : findings
              .map(({ of, verdict: own, evidence }) => `${VERDICTS[own].mark} ${of}: ${evidence}`)
              .join('\n'),
      ]),
    },
  ];
}
