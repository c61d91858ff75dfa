import { Menu } from '@mantine/core';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
import { useViewer } from '../../session/viewer';
import { InternalLink } from '../../ui/InternalLink';
import classes from './AccountMenu.module.css';

const Logout = graphql(
  `
  mutation Logout {
    logout(input: {}) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** Ends the session and forgets everything that the page knows. */
export function useSignOut() {
  const { run, errors } = useChange(Logout);
  return { signOut: async () => (await run({})) && location.reload(), errors };
}

/** Who is signed in, with the way out. */
export function AccountMenu() {
  const { name, role, signedInBy } = useViewer();
  const { signOut, errors } = useSignOut();
  if (signedInBy === 'LOCAL') return <span className={classes.local}>this machine, no accounts</span>;
  return (
    <Menu position="top-start" width={180}>
      <Menu.Target>
        <button
          type="button"
          className={classes.account}
          aria-label={`${name} ${role.toLowerCase()}: account`}
        >
          <span className={classes.name}>{name}</span>{' '}
          <span className={classes.role}>{role.toLowerCase()}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={InternalLink} href="/settings/">
          Account and tokens
        </Menu.Item>
        <Menu.Item onClick={signOut}>Sign out</Menu.Item>
        {errors.map(({ message }) => (
          <p key={message} role="alert" className={classes.error}>
            {message}
          </p>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
