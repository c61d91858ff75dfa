import { ActionButton } from '../components/ActionButton';
import { UserErrorList } from '../components/UserErrorList';
import type { UserError } from '../graphql/fragments';
import { EstimateLine, type EstimateLineProps } from './EstimateLine';
import classes from './FormEnd.module.css';

interface FormEndProps extends EstimateLineProps {
  /** What the button does. */
  action: string;
  /** Whether everything that was given is in range. */
  fits: boolean;
  busy: boolean;
  /** Refusals that belong to no field. */
  errors: readonly UserError[];
}

/** What stands below every form: what it will cost, why it was refused, and the button. */
export function FormEnd({ action, estimate, fits, busy, errors }: FormEndProps) {
  return (
    <div className={classes.end}>
      <UserErrorList errors={errors} />
      <EstimateLine estimate={estimate} />
      <ActionButton
        type="submit"
        variant="filled"
        loading={busy}
        refusal={fits ? null : 'Mend what is marked above first.'}
      >
        {action}
      </ActionButton>
    </div>
  );
}
