import { Button, NativeSelect, NumberInput } from '@mantine/core';
import type { UserError } from '../graphql/fragments';
import classes from './RangesField.module.css';
import { labelOf, type ParameterSchema, type RangeOf, titleOf, wrongEnd } from './schema';

interface RangesFieldProps {
  name: string;
  /** Of a list with `ranges`. */
  schema: ParameterSchema;
  value: readonly RangeOf[];
  onChange: (value: RangeOf[]) => void;
  errors: readonly UserError[];
}

/** Transforms, each with the range that its value is drawn from: a row for each. */
export function RangesField({ name, schema, value, onChange, errors }: RangesFieldProps) {
  const { ranges = {}, description } = schema;
  const ids = Object.keys(ranges);
  const put = (row: number, change: Partial<RangeOf>) =>
    onChange(value.map((range, i) => (i === row ? { ...range, ...change } : range)));
  const refusalOf = (row: number, end: 'from' | 'to') =>
    errors.find(({ field }) => field.includes(String(row)) && field.includes(end))?.message;
  return (
    <fieldset className={classes.list}>
      <legend>{titleOf(name)}</legend>
      {description && <p className={classes.description}>{description}</p>}
      {value.map((range, row) => (
        <div key={row} className={classes.row}>
          <NativeSelect
            label="Transform"
            value={range.transform}
            onChange={({ currentTarget }) =>
              put(row, { transform: currentTarget.value, from: undefined, to: undefined })
            }
            data={ids.map((id) => ({ value: id, label: titleOf(id) }))}
          />
          {(['from', 'to'] as const).map((end) => (
            <NumberInput
              key={end}
              label={labelOf(end, ranges[range.transform]?.unit)}
              value={range[end] ?? ''}
              onChange={(next) => put(row, { [end]: next === '' ? undefined : Number(next) })}
              hideControls
              clampBehavior="none"
              error={refusalOf(row, end) ?? wrongEnd(schema, range, end) ?? undefined}
            />
          ))}
          <Button variant="subtle" onClick={() => onChange(value.filter((_, i) => i !== row))}>
            Remove
          </Button>
        </div>
      ))}
      <Button
        variant="default"
        onClick={() => onChange([...value, { transform: ids[0] ?? '', from: undefined, to: undefined }])}
      >
        Add a transform
      </Button>
    </fieldset>
  );
}
