import type { UserError } from '../graphql/fragments';
import classes from './UserErrorList.module.css';

/** Refusals that belong to no field of a form. */
export function UserErrorList({ errors }: { errors: readonly Pick<UserError, 'message'>[] }) {
  if (errors.length === 0) return null;
  return (
    <div role="alert" className={classes.errors}>
      {errors.map(({ message }) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}
