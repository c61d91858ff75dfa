import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/**
 * A study's document as a text is the composer's one state: pickers read values at paths of it and change it there, and
 * whatever else it holds, comments included, stays as it is.
 */
export type Path = readonly (string | number)[];
export type Values = Readonly<Record<string, unknown>>;

const WIDTH = { lineWidth: 120 };

/** What pickers see of a text; null with a reason where they cannot see it. */
export type Seen = { values: Values; blind: null } | { values: null; blind: string };

export function seen(text: string): Seen {
  const yaml = parseDocument(text);
  const blind = whyBlind(yaml);
  return blind === null ? { values: yaml.toJS() as Values, blind } : { values: null, blind };
}

function whyBlind(yaml: Document.Parsed): string | null {
  if (yaml.errors[0]) return 'The text cannot be read as YAML.';
  if (!isMap(yaml.contents))
    return 'The text is no document yet: a document begins with names, such as “title:”.';
  let names = false;
  visit(yaml, {
    Alias() {
      names = true;
      return visit.BREAK;
    },
  });
  return names ? 'The text refers to parts of itself (*name).' : null;
}

/** Names of a study, a model or sweep, and an attack by how deep they stand: where a new one goes in among others. */
const ORDER: Readonly<Record<number, readonly string[]>> = {
  1: [
    ...['title', 'description', 'reproducesPaper', 'seeds', 'targetLabel', 'samples', 'models', 'sweeps'],
    ...['detectors', 'explanations', 'scored'],
  ],
  3: [
    ...['dataset', 'architecture', 'sizePx', 'normalization', 'startFromBenign', 'recipe', 'attacks'],
    ...['transform', 'target', 'values', 'range'],
  ],
  5: ['attack', 'targetLabel', 'poisonRate', 'coverRatio', 'trainingTransforms', 'recipe'],
};

/** The same text with another value at a path; undefined takes away what is there. */
export function put(text: string, path: Path, value: unknown): string {
  const yaml = parseDocument(text);
  if (value === undefined) {
    if (yaml.hasIn(path)) yaml.deleteIn(path);
  } else {
    const parent = parentOf(yaml, path);
    const [name] = path.slice(-1);
    const there = parent.get(name, true);
    if (isMap(parent) && !parent.has(name)) insert(yaml, parent, path, value);
    else if (isScalar(there) && isPlain(value)) rewrite(there, value);
    else parent.set(name, yaml.createNode(value, { flow: true }));
  }
  return yaml.toString(WIDTH);
}

/** The same text with one more element at the end of a list, which begins with it where there was none. */
export function append(text: string, path: Path, element: object): string {
  const yaml = parseDocument(text);
  const list = parentOf(yaml, [...path, 0]) as YAMLSeq;
  // What was empty stood on one line.
  if (list.items.length === 0) list.flow = false;
  list.add(nodeOf(yaml, element));
  return yaml.toString(WIDTH);
}

/** The same text without an element of a list, nor the list where it was its last. @param keep an empty list */
export function remove(text: string, path: Path, keep = false): string {
  const yaml = parseDocument(text);
  const list = yaml.getIn(path.slice(0, -1));
  const last = isSeq(list) && list.items.length === 1;
  yaml.deleteIn(last && !keep ? path.slice(0, -1) : path);
  return yaml.toString(WIDTH);
}

/** A comment beside a value stays; that it was written 1.50 or 1e-3 does not. */
function rewrite(scalar: Scalar, value: unknown): void {
  scalar.value = value;
  delete scalar.format;
  delete scalar.minFractionDigits;
}

const isPlain = (value: unknown) => typeof value !== 'object' || value === null;

/** What holds a path's last step, made where it is missing or said to be nothing. */
function parentOf(yaml: Document, path: Path): YAMLMap | YAMLSeq {
  for (let depth = 1; depth < path.length; depth++) {
    const at = path.slice(0, depth);
    if (isCollection(yaml.getIn(at))) continue;
    const empty = typeof path[depth] === 'number' ? [] : {};
    const holder = parentOf(yaml, at);
    const [name] = at.slice(-1);
    if (isMap(holder) && !holder.has(name)) insert(yaml, holder, at, empty);
    else holder.set(name, yaml.createNode(empty));
  }
  return (path.length === 1 ? yaml.contents : yaml.getIn(path.slice(0, -1))) as YAMLMap | YAMLSeq;
}

/** A new name, the last of its path, among those that are there, at its place. */
function insert(yaml: Document, map: YAMLMap, path: Path, value: unknown): void {
  const order = ORDER[path.length] ?? [];
  const [name] = path.slice(-1);
  const rank = order.indexOf(String(name));
  const pair = yaml.createPair(name, value);
  if (isCollection(pair.value)) pair.value.flow = true;
  const at = map.items.findIndex(
    ({ key }) => rank >= 0 && order.indexOf(String(isScalar(key) ? key.value : key)) > rank,
  );
  map.items.splice(at < 0 ? map.items.length : at, 0, pair);
}

/** An element of a list, a line for each of its names where it is a model or has a list of its own. */
function nodeOf(yaml: Document, element: object): unknown {
  const [name] = Object.keys(element);
  const node = yaml.createNode(element) as YAMLMap;
  if (name === 'dataset' || name === 'attack')
    for (const { value } of node.items) {
      if (isCollection(value)) value.flow = true;
    }
  else node.flow = true;
  return node;
}
