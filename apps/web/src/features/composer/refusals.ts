import type { UserError } from '../../graphql/fragments';
import type { Refusal } from './composing';
import { chosenOf, isRecord, listAt } from './grid';
import type { Path, Values } from './studyText';

/** Refusals of a document: for pickers by their place, for the text as the server says them, by line and column. */
export const refusalsOf = (
  errors: readonly Pick<UserError, 'message' | 'field'>[],
  values: Values | null,
): (Refusal & { full: string })[] =>
  [...new Map(errors.map((error) => [error.message, error])).values()].map(({ message, field }) => ({
    full: message,
    message: message.replace(/^line \d+, column \d+: /, ''),
    path: field[0] === 'document' ? field.slice(1) : placed(field, values ?? {}),
  }));

/** What is looked at once all is planned is told by the attack alone: its place, where that is there once. */
function placed(field: readonly string[], values: Values): Path {
  if (field[0] !== 'attack') return field;
  const places = listAt(values, 'models').flatMap((model, m) =>
    listAt(isRecord(model) ? model : {}, 'attacks').flatMap((entry, a) =>
      isRecord(entry) && chosenOf(entry.attack)?.id === field[1] ? [['models', m, 'attacks', a]] : [],
    ),
  );
  return places.length === 1 ? [...places[0]!, ...field] : field;
}

/** A study's title as the name of a file. */
export const fileNameOf = (title: unknown): string => {
  const words = String(title ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  return `${words || 'study'}.yaml`;
};
