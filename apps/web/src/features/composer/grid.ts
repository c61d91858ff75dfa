import { type ParameterSchema, titleOf } from '../../controls/schema';
import { count, counted } from '../../format/count';
import { howMany } from './several';
import type { Values } from './studyText';

/** What a document comes to, counted as it is read: no bounds are looked at, which is the server's. */

export interface GridCatalog {
  attacks: readonly { id: string; title: string; parameters: unknown; transformsTrigger: boolean }[];
  detectors: readonly { id: string; parameters: unknown }[];
  datasets: readonly { id: string; title: string }[];
}

/** One of the numbers that are multiplied. */
interface Factor {
  count: number;
  what: string;
}
export interface Grid {
  benign: number;
  trojaned: number;
  sweeps: number;
  detections: number;
  /** Models of which samples are explained. */
  explained: number;
  jobs: number;
  words: string;
}

export const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const listAt = (values: Values, name: string): readonly unknown[] => {
  const value = values[name];
  return Array.isArray(value) ? value : [];
};
export const recordAt = (values: Values, name: string): Values => {
  const value = values[name];
  return isRecord(value) ? value : {};
};

/** Something chosen by the one name of an object, with what stands below it. */
export function chosenOf(value: unknown): { id: string; given: Values } | null {
  if (!isRecord(value)) return null;
  const [entry, ...more] = Object.entries(value);
  if (!entry || more.length > 0 || !(entry[1] === null || isRecord(entry[1]))) return null;
  return { id: entry[0], given: (entry[1] as Values | null) ?? {} };
}

const NUMBER: ParameterSchema = { type: 'number' };

/** Lists among the parameters of an attack or a detector. */
export function factorsOf(parameters: unknown, given: Values): Factor[] {
  const { properties = {} } = (parameters ?? {}) as ParameterSchema;
  return Object.entries(properties).flatMap(([name, schema]) =>
    factor(howMany(schema, given[name]), titleOf(name).toLowerCase()),
  );
}

/** All lists of one attack of a model. */
export function factorsOfAttack(entry: Values, catalog: GridCatalog): Factor[] {
  const chosen = chosenOf(entry.attack);
  const attack = catalog.attacks.find(({ id }) => id === chosen?.id);
  return [
    ...factorsOf(attack?.parameters, chosen?.given ?? {}),
    ...(['targetLabel', 'poisonRate', 'coverRatio'] as const).flatMap((name) =>
      factor(howMany(NUMBER, entry[name]), titleOf(name).toLowerCase()),
    ),
  ];
}

const factor = (many: number, what: string): Factor[] => (many > 1 ? [{ count: many, what }] : []);
export const product = (factors: readonly Factor[]) =>
  factors.reduce((all, { count: many }) => all * many, 1);

/** 3 patch sizes × 2 seeds; nothing where there is one of everything. */
export const factorWords = (factors: readonly Factor[]): string =>
  factors.map(({ count: many, what }) => `${count(many)} ${plural(what)}`).join(' × ');

function plural(what: string): string {
  if (/[^aeiou]y$/.test(what)) return `${what.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(what) ? `choices of ${what}` : `${what}s`;
}

/** Of one attack of a model: all of its models for one seed and one size. */
interface Term {
  id: string;
  title: string;
  dataset: string;
  factors: Factor[];
  sizes: Factor[];
}

export function countGrid(values: Values, catalog: GridCatalog): Grid {
  const seeds = Math.max(1, listAt(values, 'seeds').length);
  const entries = listAt(values, 'models').filter(isRecord);
  const models = entries.filter((entry) => !isThere(entry));
  const terms = models.flatMap((model) => termsOf(model, catalog));
  const trojanedOf = ({ factors, sizes }: Term) => product([...factors, ...sizes]) * seeds;
  const sum = (of: (term: Term) => number) => terms.reduce((all, term) => all + of(term), 0);
  const benign = benignIn(models) * seeds;
  const trojaned = sum(trojanedOf);
  const sweeps = sum((term) => trojanedOf(term) * sweepsOf(values, transformsTrigger(term.id, catalog)));
  const detections = trojaned * detectionsIn(values, catalog);
  const scored = recordAt(values, 'scored').attack;
  const explained = sum((term) =>
    Number(values.explanations) > 0 || scored === term.id ? trojanedOf(term) : 0,
  );
  return {
    ...{ benign, trojaned, sweeps, detections, explained },
    jobs: benign + trojaned + sweeps + detections + explained,
    words: wordsOf(terms, seeds, { benign, trojaned, sweeps, detections }) + thereWords(entries),
  };
}

/** Whether an entry names models that are there by their ids: what is made of them, only the server knows. */
export const isThere = (entry: Values): boolean => entry.model !== undefined;

function thereWords(entries: readonly Values[]): string {
  const there = entries.filter(isThere).reduce((all, { model }) => all + howMany(NUMBER, model), 0);
  return there > 0 ? ` And ${counted(there, 'model')} by id, not counted here.` : '';
}

function termsOf(model: Values, catalog: GridCatalog): Term[] {
  const dataset = catalog.datasets.find(({ id }) => id === model.dataset)?.title ?? String(model.dataset);
  return listAt(model, 'attacks')
    .filter(isRecord)
    .map((entry) => {
      const id = chosenOf(entry.attack)?.id ?? '';
      return {
        ...{ id, dataset },
        title: catalog.attacks.find((one) => one.id === id)?.title ?? id,
        factors: factorsOfAttack(entry, catalog),
        sizes: factor(howMany(NUMBER, model.sizePx), 'image size'),
      };
    });
}

/** Benign models for one seed: those that two entries have in common are there once. */
function benignIn(models: readonly Values[]): number {
  const all = models.flatMap(({ attacks: _, startFromBenign: __, sizePx, ...own }) =>
    (Array.isArray(sizePx) && sizePx.length > 0 ? sizePx : [sizePx]).map((size) =>
      JSON.stringify([own, size]),
    ),
  );
  return new Set(all).size;
}

const transformsTrigger = (attack: string, { attacks }: GridCatalog) =>
  attacks.find(({ id }) => id === attack)?.transformsTrigger ?? true;

/** Of one trojaned model. */
const sweepsOf = (values: Values, ofTrigger: boolean): number =>
  listAt(values, 'sweeps')
    .filter(isRecord)
    .flatMap(({ target }) => targetsOf(target))
    .filter((target) => target === 'IMAGE' || ofTrigger).length;

export const targetsOf = (target: unknown): readonly unknown[] => {
  if (target === undefined || target === null) return ['TRIGGER', 'IMAGE'];
  return Array.isArray(target) ? target : [target];
};

/** Of one trojaned model. */
const detectionsIn = (values: Values, catalog: GridCatalog): number =>
  listAt(values, 'detectors').reduce<number>((all, entry) => {
    const chosen = isRecord(entry) ? chosenOf(entry.detector) : null;
    const detector = catalog.detectors.find(({ id }) => id === chosen?.id);
    return all + product(factorsOf(detector?.parameters, chosen?.given ?? {}));
  }, 0);

/** More than these are not told one by one. */
const MOST_TERMS = 4;

function wordsOf(
  terms: readonly Term[],
  seeds: number,
  { benign, trojaned, sweeps, detections }: Pick<Grid, 'benign' | 'trojaned' | 'sweeps' | 'detections'>,
): string {
  if (trojaned === 0) return `${counted(benign, 'benign model')}, and none that is trojaned.`;
  const made = [amountWords(terms), factorWords(factor(seeds, 'seed'))].filter(Boolean).join(' × ');
  const done = [
    ...(sweeps > 0 ? [counted(sweeps, 'sweep')] : []),
    ...(detections > 0 ? [counted(detections, 'detection')] : []),
  ].join(' and ');
  const models = `${counted(trojaned, 'trojaned model')} beside ${count(benign)} benign`;
  return `${made ? `${made} = ` : ''}${models}${done && `, ${done}`}.`;
}

/** What stands before the seeds. */
function amountWords(terms: readonly Term[]): string {
  const [only] = terms;
  if (only && terms.length === 1) return factorWords([...only.factors, ...only.sizes]);
  const amounts = terms.map(({ factors, sizes }) => product([...factors, ...sizes]));
  if (amounts.every((amount) => amount === 1)) return `${count(terms.length)} attacks`;
  const all = amounts.reduce((sum, amount) => sum + amount, 0);
  if (terms.length > MOST_TERMS) return `${count(all)} attacks with their parameters`;
  const several = new Set(terms.map(({ dataset }) => dataset)).size > 1;
  const each = terms.map(
    ({ title, dataset }, i) => `${count(amounts[i]!)} ${title}${several ? ` on ${dataset}` : ''}`,
  );
  return `(${each.join(' + ')})`;
}
