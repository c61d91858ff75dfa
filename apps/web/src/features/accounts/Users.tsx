import { Button, NativeSelect, PasswordInput, Table, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { moment } from '../../format/moment';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { roles } from '../../session/roles';
import { type Role, useViewer } from '../../session/viewer';
import { Panel } from '../../ui/Panel';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './Account.module.css';

const UsersQuery = graphql(`
  query Users {
    users(first: 100) {
      nodes {
        id
        name
        role
        disabled
        createdAt
        lastLoginAt
      }
    }
  }
`);
type User = ResultOf<typeof UsersQuery>['users']['nodes'][number];

const CreateUser = graphql(
  `
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      user {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const SetUserRole = graphql(
  `
  mutation SetUserRole($input: SetUserRoleInput!) {
    setUserRole(input: $input) {
      user {
        id
        role
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const SetUserDisabled = graphql(
  `
  mutation SetUserDisabled($input: SetUserDisabledInput!) {
    setUserDisabled(input: $input) {
      user {
        id
        disabled
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const roleChoices = Object.keys(roles).map((role) => ({ value: role, label: role.toLowerCase() }));

/** Everybody with an account, for admins. */
export function Users() {
  const [{ data, error }, refetch] = useQuery({ query: UsersQuery });
  const again = () => refetch({ requestPolicy: 'network-only' });
  return (
    <Panel
      title="Users"
      bare
      source={{ name: 'users', query: UsersQuery, variables: {} }}
      aside={Object.entries(roles).map(([role, may]) => (
        <span key={role}>
          {role.toLowerCase()} {may}
        </span>
      ))}
    >
      <UserForm onMade={again} />
      <UserErrorList errors={error ? [error] : []} />
      <TableScroll label="Table of users">
        <Table className={tables.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>Since</Table.Th>
              <Table.Th>Last signed in</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data?.users.nodes.map((user) => (
              <UserRow key={user.id} user={user} onChanged={again} />
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Panel>
  );
}

function UserRow({ user, onChanged }: { user: User; onChanged: () => void }) {
  const me = useViewer();
  const roled = useChange(SetUserRole);
  const closed = useChange(SetUserDisabled);
  const { id, name, role, disabled, createdAt, lastLoginAt } = user;
  return (
    <Table.Tr>
      <Table.Td>
        {name} {id === me.id && <span className={tables.none}>(you)</span>}
        <UserErrorList errors={[...roled.errors, ...closed.errors]} />
      </Table.Td>
      <Table.Td>
        <NativeSelect
          size="xs"
          aria-label={`Role of ${name}`}
          value={role}
          disabled={roled.busy}
          onChange={async ({ currentTarget }) => {
            await roled.run({ input: { userId: id, role: currentTarget.value as Role } });
            onChanged();
          }}
          data={roleChoices}
        />
      </Table.Td>
      <Table.Td className={tables.none}>{moment(createdAt)}</Table.Td>
      <Table.Td className={tables.none}>{lastLoginAt ? moment(lastLoginAt) : 'never'}</Table.Td>
      <Table.Td>
        <Button
          size="compact-xs"
          variant="default"
          loading={closed.busy}
          aria-label={`${disabled ? 'Open' : 'Close'} the account of ${name}`}
          onClick={async () => {
            await closed.run({ input: { userId: id, disabled: !disabled } });
            onChanged();
          }}
        >
          {disabled ? 'Open again' : 'Close'}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function UserForm({ onMade }: { onMade: () => void }) {
  const { run, busy, errors } = useChange(CreateUser);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('VIEWER');
  const refusals = errorsByField(errors, ['name', 'password']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await run({ input: { name, password, role } }))) return;
    setName('');
    setPassword('');
    onMade();
  };
  return (
    <form onSubmit={submit} className={classes.inline} aria-label="New user">
      <TextInput
        label="Name"
        autoComplete="off"
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={refusals.name}
      />
      <PasswordInput
        label="First password"
        autoComplete="new-password"
        required
        w={220}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        error={refusals.password}
      />
      <NativeSelect
        label="Role"
        value={role}
        onChange={({ currentTarget }) => setRole(currentTarget.value as Role)}
        data={roleChoices}
      />
      <Button type="submit" loading={busy}>
        Add
      </Button>
      <UserErrorList errors={refusals.elsewhere} />
    </form>
  );
}
