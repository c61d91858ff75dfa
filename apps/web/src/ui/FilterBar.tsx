import type { ReactNode } from 'react';
import classes from './FilterBar.module.css';

interface FilterBarProps<Value extends string> {
  /** What is chosen, for those who do not see it. */
  legend: string;
  options: readonly { value: Value | null; label: ReactNode }[];
  value: Value | null;
  onChange: (value: Value | null) => void;
}

/** One choice out of a few; null is all of them. */
export function FilterBar<Value extends string>({ legend, options, value, onChange }: FilterBarProps<Value>) {
  return (
    <fieldset className={classes.bar}>
      <legend className={classes.legend}>{legend}</legend>
      {options.map((option) => (
        <button
          key={option.value ?? 'all'}
          type="button"
          className={classes.option}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
