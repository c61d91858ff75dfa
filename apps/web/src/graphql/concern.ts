import type { TypedDocumentNode } from '@urql/core';

type Document = Pick<TypedDocumentNode, 'definitions'>;

/** Something on the server changed. */
export interface Activity {
  type: string;
  id: string;
  /** Only work under way got on: nothing came, went, or changed its status. */
  progress: boolean;
}

const SWEPT = ['Sweep', 'Model', 'Study'];
const WORK = ['Job', 'LargestRange', 'Detection', ...SWEPT];

/** What a field lists or counts, whose coming and going changes it. What is started brings others with it: jobs at least. */
export const LISTED: Readonly<Record<string, readonly string[]>> = {
  models: ['Model', 'Study'],
  sweeps: SWEPT,
  curves: SWEPT,
  robustnessCurves: SWEPT,
  acrossModels: SWEPT,
  largestRanges: ['LargestRange', 'Model', 'Study'],
  detections: ['Detection', 'Model'],
  studies: ['Study'],
  explanations: ['Explanation', ...SWEPT],
  explanation: ['Explanation', ...SWEPT],
  explainerComparison: ['Explanation', ...SWEPT],
  jobs: WORK,
  queue: WORK,
  server: WORK,
  // Data sets come by jobs.
  datasets: ['Job'],
  classSummaries: ['Job'],
  tags: ['Detection', ...SWEPT],
  auditLog: ['Explanation', ...WORK],
};

/** Whether a query would now be answered otherwise than it was. */
export function concern(query: Document, answer: unknown): (activity: Activity) => boolean {
  const listed = new Set([...fieldsOf(query)].flatMap((field) => LISTED[field] ?? []));
  const ids = new Set<string>();
  let awaits = false;
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('id' in value) ids.add(String(value.id));
    // When a job starts depends on how far the others are.
    awaits ||= 'startsInSeconds' in value && value.startsInSeconds !== null;
    for (const part of Object.values(value)) look(part);
  };
  look(answer);
  return ({ type, id, progress }) => ids.has(id) || (progress ? awaits && type === 'Job' : listed.has(type));
}

/** Names of all fields that a document asks for, whatever they are called in the answer. */
function fieldsOf(document: Document): Set<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    if (node.kind === 'Field' && node.name) names.add(node.name.value);
    node.selectionSet?.selections.forEach(visit);
  };
  document.definitions.forEach(visit);
  return names;
}

interface Node {
  kind: string;
  name?: { value: string };
  selectionSet?: { selections: readonly Node[] };
}
