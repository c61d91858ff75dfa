import type { ReactNode } from 'react';
import type { UserError } from '../graphql/fragments';
import { UserErrorList } from '../ui/UserErrorList';
import { ActionButton } from './ActionButton';
import classes from './FormEnd.module.css';

interface FormEndProps {
  /** What the button does. */
  action: string;
  /** Whether everything that was given is in range. */
  fits: boolean;
  busy: boolean;
  /** Refusals that belong to no field. */
  errors: readonly UserError[];
  /** What it will cost. */
  children: ReactNode;
}

/** What stands below every form: what it will cost, why it was refused, and the button. */
export function FormEnd({ action, fits, busy, errors, children }: FormEndProps) {
  return (
    <div className={classes.end}>
      <UserErrorList errors={errors} />
      {children}
      <ActionButton
        type="submit"
        variant="filled"
        loading={busy}
        refusal={fits ? null : 'Fix the marked fields first.'}
      >
        {action}
      </ActionButton>
    </div>
  );
}
