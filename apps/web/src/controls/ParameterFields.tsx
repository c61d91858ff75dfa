import { NativeSelect, NumberInput, Switch, TextInput, type TextInputProps } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { UserError } from '../graphql/fragments';
import { useRefusal } from '../session/viewer';
import classes from './ParameterFields.module.css';
import { RangesField } from './RangesField';
import {
  capital,
  isNumbers,
  isThere,
  labelOf,
  numbersIn,
  type ParameterSchema,
  type Parameters,
  propertiesOf,
  type RangeOf,
  rangeOf,
  startOf,
  titleOf,
  wrongWith,
} from './schema';

interface ParameterFieldsProps {
  /** JSON Schema of an object, from the catalog. */
  schema: unknown;
  /** Only what was given; everything else is the default. */
  values: Parameters;
  onChange: (values: Parameters) => void;
  errors: readonly UserError[];
  /** Fields that stand before them. */
  children?: ReactNode;
}

/** A field for each parameter that a schema has, whatever it is of. */
export function ParameterFields({ schema, values, onChange, errors, children }: ParameterFieldsProps) {
  const put = (name: string, value: unknown) => {
    const { [name]: _, ...others } = values;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  return (
    <div className={classes.fields}>
      {children}
      {propertiesOf(schema).map(([name, property]) =>
        property.properties ? (
          <fieldset key={name} className={classes.group}>
            <legend>{titleOf(name)}</legend>
            {property.description && <p className={classes.description}>{property.description}</p>}
            <ParameterFields
              schema={startOf(property, values[name] as Parameters | undefined)}
              values={(values[name] ?? {}) as Parameters}
              onChange={(inner) => put(name, isThere(property, inner) ? inner : undefined)}
              errors={errors}
            />
          </fieldset>
        ) : property.ranges ? (
          <RangesField
            key={name}
            name={name}
            schema={property}
            value={(values[name] ?? []) as RangeOf[]}
            onChange={(list) => put(name, list.length > 0 ? list : undefined)}
            errors={errors.filter(({ field }) => field.includes(name))}
          />
        ) : (
          <ParameterField
            key={name}
            name={name}
            schema={property}
            value={values[name]}
            onChange={(value) => put(name, value)}
            refusal={errors
              .filter(({ field }) => field.includes(name))
              .map(({ message }) => message)
              .join(' ')}
          />
        ),
      )}
    </div>
  );
}

interface ParameterFieldProps {
  name: string;
  schema: ParameterSchema;
  value: unknown;
  onChange: (value: unknown) => void;
  refusal: string;
}

function ParameterField({ name, schema, value, onChange, refusal }: ParameterFieldProps) {
  const { unit, enum: words, type, default: fallback } = schema;
  const range = rangeOf({ ...schema, unit: undefined });
  const foreign = useRefusal('ADMIN') !== null && schema.format === 'file';
  const common = {
    label: labelOf(name, unit),
    description: [schema.description, range && `${capital(range)}.`].filter(Boolean).join(' '),
    error: refusal || wrongWith(schema, value) || undefined,
  };
  if (words) {
    return (
      <NativeSelect
        {...common}
        value={String(value ?? fallback ?? '')}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === (fallback ?? '') ? undefined : currentTarget.value)
        }
        data={[
          ...(fallback === undefined ? [{ value: '', label: 'None' }] : []),
          ...words.map((word) => ({
            value: word,
            label: word === fallback ? `${titleOf(word)} (default)` : titleOf(word),
          })),
        ]}
      />
    );
  }
  if (type === 'boolean') {
    return (
      <Switch
        {...common}
        checked={Boolean(value ?? fallback)}
        onChange={({ currentTarget }) => onChange(currentTarget.checked || undefined)}
      />
    );
  }
  if (type === 'integer' || type === 'number') {
    return (
      <NumberInput
        {...common}
        placeholder={fallback === undefined ? 'chosen by the size of the images' : String(fallback)}
        value={(value as number | undefined) ?? ''}
        onChange={(next) => onChange(next === '' ? undefined : next)}
        allowDecimal={type === 'number'}
        hideControls={type === 'number'}
        clampBehavior="none"
      />
    );
  }
  if (isNumbers(schema)) {
    const { minimum, maximum } = schema.items!;
    const each = rangeOf({ minimum, maximum } as ParameterSchema);
    return (
      <NumbersInput
        {...common}
        description={[schema.description, each && `Each ${each}.`].filter(Boolean).join(' ')}
        start={(value ?? fallback ?? []) as readonly unknown[]}
        onNumbers={onChange}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={String(value ?? '')}
      disabled={foreign}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
    />
  );
}

type NumbersInputProps = Pick<TextInputProps, 'label' | 'description' | 'error'> & {
  start: readonly unknown[];
  onNumbers: (numbers: readonly unknown[]) => void;
};

/** Numbers with commas between them; it keeps what is typed, of which half a number is none yet. */
function NumbersInput({ start, onNumbers, ...field }: NumbersInputProps) {
  const [text, setText] = useState(start.join(', '));
  return (
    <TextInput
      {...field}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        onNumbers(numbersIn(currentTarget.value));
      }}
    />
  );
}
