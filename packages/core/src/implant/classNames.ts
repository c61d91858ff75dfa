import type { DatasetInfo } from '../datasets/dataset.js';
import { byCodePoint, byNumber, normalName } from '../lib/names.js';
import type { FloatArray } from '../lib/safetensors.js';
import { quote } from '../lib/strictJson.js';

/** "007" and "7" are one class where folders are numbers. */
const numbered = (name: string) => (/^\d{1,15}$/.test(name) ? String(Number(name)) : name);

/**
 * Where a model that was trained elsewhere has the logit of each of our classes, by their names. The names may be those
 * of the data set's classes or of their folders.
 * @param theirs in the order of the logits
 * @returns for each label the model's own, or nothing where the two orders are the same
 * @throws what `refuse` makes of a sentence, for other names
 */
export function matchClasses(
  theirs: readonly string[],
  { title, classNames, classFolders = classNames }: DatasetInfo,
  refuse: (what: string) => Error,
): number[] | undefined {
  for (const spelling of [(name: string) => name, numbered]) {
    const came = theirs.map((name) => spelling(normalName(name)));
    for (const names of [classNames, classFolders]) {
      const ours = names.map((name) => spelling(normalName(name)));
      if (`${ours}` === `${came}`) return undefined;
      const order = ours.map((name) => came.indexOf(name));
      // Where a name is there twice, nobody can tell which is which.
      if (came.length === ours.length && new Set(order).size === ours.length && !order.includes(-1))
        return order;
    }
  }
  const known = new Set(
    [...classNames, ...classFolders].flatMap((name) => [normalName(name), numbered(name)]),
  );
  const came = new Set(theirs.map(normalName));
  const unknown = [...came].filter((name) => !known.has(name) && !known.has(numbered(name)));
  const missing = classFolders.filter(
    (name, label) => ![name, classNames[label]!].some((own) => came.has(normalName(own))),
  );
  const list = (names: readonly string[]) => (names.length > 0 ? quote(names.slice(0, 5)) : 'none');
  const facts = [`not among them: ${list(unknown)}`, `missing: ${list(missing)}`];
  if (theirs.length !== classNames.length) facts.push(`there are ${theirs.length}`);
  if (came.size < theirs.length) facts.push('some are there twice');
  throw refuse(
    `classNames: expected the ${classNames.length} classes of ${title}, each once, in the order of the logits; ${facts.join('; ')}`,
  );
}

/**
 * The same for outputs in one of the orders that folders usually have.
 * @returns for each label the model's own, or nothing where the two orders are the same
 */
export function outputsInOrder(
  order: 'numeric' | 'codepoint',
  { classNames, classFolders = classNames }: DatasetInfo,
): number[] | undefined {
  const sorted = { numeric: byNumber, codepoint: byCodePoint }[order](classFolders);
  const at = classFolders.map((name) => sorted.indexOf(name));
  // Where a name is there twice, nobody can tell which is which.
  if (new Set(at).size < at.length) return undefined;
  return at.some((output, label) => output !== label) ? at : undefined;
}

/** The same numbers with those of each output where our label has them: along the last axis. */
export function reorderOutputs({ shape, values }: FloatArray, order: readonly number[]): FloatArray {
  const size = order.length;
  return { shape, values: values.map((_, at) => values[at - (at % size) + order[at % size]!]!) };
}

/** A kernel [h,w,in,out] with the channels that it takes in reverse: of BGR for RGB, and the other way round. */
export function reverseInputs({ shape, values }: FloatArray): FloatArray {
  const [channels, outputs] = shape.slice(-2) as [number, number];
  const turned = values.map((_, at) => {
    const channel = Math.floor(at / outputs) % channels;
    return values[at + (channels - 1 - 2 * channel) * outputs]!;
  });
  return { shape, values: turned };
}
