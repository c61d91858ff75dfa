import { TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import {
  capital,
  isNumbers,
  labelOf,
  type ParameterSchema,
  rangeOf,
  titleOf,
  valueText,
} from '../../controls/schema';
import { useRefusal } from '../../session/viewer';
import classes from './Composer.module.css';
import { useComposing, useRefusalAt } from './composing';
import { asValue, canShow, readTyped, severalOf, typed, wrongWithSeveral } from './several';
import type { Path } from './studyText';

interface SeveralFieldProps {
  schema: ParameterSchema;
  /** Where the document has it; the last step is its name. */
  path: Path;
  value: unknown;
  /** Its title; made of its name otherwise. */
  label?: string;
  description?: string | undefined;
  /** A list even of one. */
  list?: boolean;
}

/** One value of a parameter, or several, a model for each. What is left out is the default. */
export function SeveralField({ schema, path, value, label, description, list = false }: SeveralFieldProps) {
  const { put } = useComposing();
  const refused = useRefusalAt(path);
  const foreign = useRefusal('ADMIN') !== null && schema.format === 'file';
  const name = String(path.at(-1));
  const several = severalOf(schema, value);
  const change = (next: readonly unknown[]) => put(path, list && next.length > 0 ? [...next] : asValue(next));
  const each = isNumbers(schema) ? schema.items! : schema;
  const range = rangeOf({ ...each, unit: undefined } as ParameterSchema);
  const field = {
    label: label ?? labelOf(name, schema.unit),
    description: [
      description ?? schema.description,
      range && (isNumbers(schema) ? `Each ${range}; several lists with semicolons.` : `${capital(range)}.`),
    ]
      .filter(Boolean)
      .join(' '),
    error: (canShow(schema, value) && wrongWithSeveral(schema, several)) || refused,
  };
  if (!canShow(schema, value))
    return (
      <TextInput
        {...field}
        description="Edited as text only."
        value={JSON.stringify(value)}
        readOnly
        disabled
      />
    );
  if (schema.enum || schema.type === 'boolean')
    return <Chips {...field} schema={schema} several={several} onChange={change} />;
  if (schema.type === 'string')
    return (
      <TextInput
        {...field}
        value={String(several[0] ?? '')}
        disabled={foreign}
        onChange={({ currentTarget }) => change(currentTarget.value ? [currentTarget.value] : [])}
      />
    );
  return <Typed {...field} schema={schema} several={several} onChange={change} />;
}

interface FieldProps {
  label: string;
  description: string;
  error: string | undefined;
  schema: ParameterSchema;
  several: readonly unknown[];
  onChange: (several: readonly unknown[]) => void;
}

/** Numbers with commas between them; what is typed stays as it is, as long as the document means the same. */
function Typed({ schema, several, onChange, ...field }: FieldProps) {
  const [text, setText] = useState('');
  const same = JSON.stringify(readTyped(schema, text)) === JSON.stringify(several);
  return (
    <TextInput
      {...field}
      placeholder={
        schema.default === undefined ? 'chosen by the size of the images' : typed(schema, [schema.default])
      }
      value={same ? text : typed(schema, several)}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        onChange(readTyped(schema, currentTarget.value));
      }}
    />
  );
}

/** Words to choose any of; the default alone is chosen by nothing. */
function Chips({ label, description, error, schema, several, onChange }: FieldProps) {
  const id = useId();
  const fallback = schema.default === undefined ? [] : [schema.default];
  const chosen = several.length > 0 ? several : fallback;
  const options: readonly unknown[] = schema.enum ?? [false, true];
  const toggle = (option: unknown) => {
    const next = options.filter((one) => chosen.includes(one) !== (one === option));
    onChange(next.length === 1 && next[0] === schema.default ? [] : next);
  };
  return (
    <fieldset className={classes.choice} aria-describedby={`${id}-about`}>
      <legend className={classes.label}>{label}</legend>
      <p id={`${id}-about`} className={classes.about}>
        {description}
      </p>
      <div className={classes.chips}>
        {options.map((option) => (
          <button
            key={String(option)}
            type="button"
            className={classes.chip}
            aria-pressed={chosen.includes(option)}
            onClick={() => toggle(option)}
          >
            {typeof option === 'string' ? titleOf(option) : capital(valueText(option))}
          </button>
        ))}
      </div>
      {error && (
        <p className={classes.wrong} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
