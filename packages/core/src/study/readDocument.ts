import { createHash } from 'node:crypto';
import { isMap, isNode, isPair, LineCounter, type Node, parseDocument, stringify } from 'yaml';
import { TrojanscopeError } from '../lib/errors.js';
import { canonical, parseParameters } from '../lib/params.js';
import { type StudyDocument, studyDocumentSchema } from './document.js';
import { type OwnModel, type PlannedGroup, planOwn, planStudy } from './plan.js';

/** What a person writes by hand, with room. */
export const MOST_CHARACTERS = 200_000;

/** What a document consists of. */
export interface ReadStudy {
  document: StudyDocument;
  groups: PlannedGroup[];
  /** Models that it only names: whether they are there, a database knows. */
  own: OwnModel[];
}

/**
 * Reads a study's document, YAML 1.2 or JSON, and plans it.
 * @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED, NOT_FOUND with line and column of what is at fault
 */
export function readStudyDocument(text: string): ReadStudy {
  if (text.length > MOST_CHARACTERS)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `document: expected at most ${MOST_CHARACTERS.toLocaleString('en')} characters; got ${text.length.toLocaleString('en')}.`,
      ['document'],
    );
  const { yaml, placeOf } = parsed(text);
  const [wrong] = yaml.errors;
  if (wrong)
    throw new TrojanscopeError('BAD_USER_INPUT', `${placeOf(wrong.pos[0])}: ${wrong.message}`, ['document']);
  try {
    const document = parseParameters(studyDocumentSchema, yaml.toJS({ maxAliasCount: 100 }));
    return { document, groups: planStudy(document), own: planOwn(document) };
  } catch (error) {
    throw placedIn(text, error);
  }
}

/** What was refused of a document, with line and column of its field; any other error as it is. */
export function placedIn(text: string, error: unknown): unknown {
  if (!(error instanceof TrojanscopeError)) return error;
  const { yaml, placeOf } = parsed(text);
  const offset = offsetOf(yaml.contents, error.field);
  const message = offset === undefined ? error.message : `${placeOf(offset)}: ${error.message}`;
  return new TrojanscopeError(error.code, message, error.field);
}

function parsed(text: string) {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  return { yaml, placeOf };
}

/** A document as YAML, with everything in it that was left out. */
export const writeStudyDocument = (document: StudyDocument): string =>
  stringify(document, { lineWidth: 120 });

/**
 * Names what a study consists of, in hex: equal for documents that differ in their words (title, description), in the order
 * of their keys or in defaults that are written out.
 */
export const documentSha256 = ({ title: _, description: __, ...rest }: StudyDocument): string =>
  createHash('sha256').update(canonical(rest)).digest('hex');

/** Where what a path leads to begins, or the last of it that is there: a key where its value is missing. */
function offsetOf(root: unknown, path: readonly (string | number)[]): number | undefined {
  let [node, found]: [unknown, number | undefined] = [root, startOf(root)];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isPair(one) && String(one.key) === String(step));
      if (!pair) break;
      found = startOf(pair.value) ?? startOf(pair.key) ?? found;
      node = pair.value;
    } else if (isNode(node) && 'items' in node) {
      node = (node.items as unknown[])[Number(step)];
      found = startOf(node) ?? found;
    } else break;
  }
  return found;
}

const startOf = (node: unknown): number | undefined =>
  isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined;
