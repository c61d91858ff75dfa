import type { UserError } from '../graphql/fragments';

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
