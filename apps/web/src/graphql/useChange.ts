import type { AnyVariables, DocumentInput } from '@urql/core';
import { useMutation } from 'urql';
import { errorMessage } from './errorMessage';
import type { UserError } from './fragments';

type Payloads = Record<string, { errors: readonly UserError[] }>;

/** A mutation with its refusals, whether they came as data or as errors. */
export function useChange<Data extends Payloads, Variables extends AnyVariables>(
  document: DocumentInput<Data, Variables>,
) {
  const [{ data, error, fetching }, execute] = useMutation(document);
  return {
    /** @returns what came of it; undefined where it was refused */
    run: async (variables: Variables): Promise<Data | undefined> => {
      const answer = await execute(variables);
      const refused = Object.values(answer.data ?? {}).some(({ errors }) => errors.length > 0);
      return answer.error || refused ? undefined : answer.data;
    },
    busy: fetching,
    errors: refusals(data, error && errorMessage(error)),
  };
}

const refusals = (data: Payloads | undefined, message: string | undefined): UserError[] => [
  ...Object.values(data ?? {}).flatMap(({ errors }) => errors),
  ...(message === undefined ? [] : [{ code: 'INTERNAL' as const, message, field: [] }]),
];

type ByField<Name extends string> = Partial<Record<Name, string>> & { elsewhere: UserError[] };

/** Hands each refusal to the field it names; what names none that the form shows goes to `elsewhere`. */
export function errorsByField<const Name extends string>(
  errors: readonly UserError[],
  names: readonly Name[],
): ByField<Name> {
  const byField = { elsewhere: [] } as unknown as ByField<Name> & Record<string, string>;
  for (const error of errors) {
    const name = names.find((one) => error.field.includes(one));
    if (name === undefined) byField.elsewhere.push(error);
    else
      Object.assign(byField, { [name]: byField[name] ? `${byField[name]} ${error.message}` : error.message });
  }
  return byField;
}
