import { Button, Group, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { roles } from '../../session/roles';
import { useViewer } from '../../session/viewer';
import { Facts } from '../../ui/Facts';
import { Panel } from '../../ui/Panel';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './Account.module.css';
import { useSignOut } from './AccountMenu';

const ChangePassword = graphql(
  `
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** Who one is here, and one's password. */
export function Account() {
  const { name, role, signedInBy } = useViewer();
  const { signOut, errors } = useSignOut();
  if (signedInBy === 'LOCAL') {
    return (
      <Panel title="Account">
        <p className={classes.text}>
          Accounts are off: whoever is at this machine may do everything, and nobody else reaches it. To share
          the server, start it with <code>--host 0.0.0.0 --auth</code>.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Account">
      <Facts
        facts={[
          ['Name', name],
          ['Role', `${role.toLowerCase()}: ${roles[role]}`],
        ]}
      />
      <PasswordForm />
      <Group mt="md">
        <Button variant="default" onClick={signOut}>
          Sign out
        </Button>
      </Group>
      <UserErrorList errors={errors} />
    </Panel>
  );
}

function PasswordForm() {
  const { run, busy, errors } = useChange(ChangePassword);
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [changed, setChanged] = useState(false);
  const refusals = errorsByField(errors, ['currentPassword', 'newPassword']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setChanged(false);
    if (!(await run({ input: { currentPassword, newPassword } }))) return;
    setCurrent('');
    setNew('');
    setChanged(true);
  };
  return (
    <details className={classes.password}>
      <summary>Change the password</summary>
      <form onSubmit={submit} className={classes.form} aria-label="Change the password">
        <PasswordInput
          label="Password until now"
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
          error={refusals.currentPassword}
        />
        <PasswordInput
          label="New password"
          description="12 characters or more. Your other browsers are signed out; tokens stay"
          autoComplete="new-password"
          required
          value={newPassword}
          onChange={({ currentTarget }) => setNew(currentTarget.value)}
          error={refusals.newPassword}
        />
        <UserErrorList errors={refusals.elsewhere} />
        {changed && <p role="status">The password is changed.</p>}
        <Button type="submit" variant="default" loading={busy}>
          Change it
        </Button>
      </form>
    </details>
  );
}
