import { createContext, useContext } from 'react';
import type { ParameterSchema } from '../../controls/schema';
import { graphql, type ResultOf } from '../../graphql/graphql';
import type { Path, Values } from './studyText';

/** What there is to pick from. */
export const ComposerChoices = graphql(`
  query ComposerChoices {
    catalog {
      studyPresets {
        id
        title
        document
      }
      attacks {
        id
        title
        description
        parameters
        poisonRate
        coverRatio
        transformsTrigger
      }
      transforms {
        id
        title
        description
        valueName
        unit
        identity
        minimum
        maximum
        defaultValues
      }
      detectors {
        id
        title
        description
        parameters
      }
      datasets {
        id
        title
        width
        resizable
        installed
        trainCount
        classes {
          index
          name
        }
      }
      architectures {
        id
        title
        recipe
        retrainingRecipe
      }
      trainingParameters
      implantParameters
      sweepParameters
    }
  }
`);
export type Catalog = ResultOf<typeof ComposerChoices>['catalog'];

/** Why the document was refused, and where in it. */
export interface Refusal {
  message: string;
  path: Path;
}

/** The document that is composed, which pickers look into at their paths. */
export interface Composing {
  catalog: Catalog;
  values: Values;
  put: (path: Path, value: unknown) => void;
  append: (path: Path, element: object) => void;
  /** @param keep the list, where it is empty then */
  remove: (path: Path, keep?: boolean) => void;
  refusals: readonly Refusal[];
}

export const ComposingContext = createContext<Composing | null>(null);

export const useComposing = (): Composing => useContext(ComposingContext)!;

/** Whether a path leads to a place, or below it. */
export const begins = (path: Path, place: Path): boolean =>
  place.every((step, i) => i < path.length && String(path[i]) === String(step));

/** What is refused at a path or below it, apart from what others below it show. */
export function useRefusalAt(path: Path, shown: readonly Path[] = []): string | undefined {
  const { refusals } = useComposing();
  const own = refusals.filter(
    (refusal) =>
      begins(refusal.path, path) && !shown.some((below) => begins(refusal.path, [...path, ...below])),
  );
  return own.length > 0 ? own.map(({ message }) => message).join(' ') : undefined;
}

/** One parameter of a schema that the catalog publishes, with another default where there is one. */
export const parameterOf = (schema: unknown, name: string, fallback?: unknown): ParameterSchema => {
  const own = (schema as ParameterSchema).properties?.[name] ?? {};
  return fallback === undefined ? own : { ...own, default: fallback };
};
