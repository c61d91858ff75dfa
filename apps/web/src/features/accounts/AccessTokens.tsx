import { Button, CopyButton, Group, NativeSelect, NumberInput, Table, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { moment } from '../../format/moment';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { Empty } from '../../ui/Empty';
import { Panel } from '../../ui/Panel';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './Account.module.css';

const TokensQuery = graphql(`
  query AccessTokens {
    accessTokens(first: 100) {
      nodes {
        id
        name
        hint
        scope
        createdAt
        expiresAt
        lastUsedAt
        revokedAt
      }
    }
  }
`);

const CreateToken = graphql(
  `
  mutation CreateAccessToken($input: CreateAccessTokenInput!) {
    createAccessToken(input: $input) {
      created {
        secret
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);
type Scope = NonNullable<VariablesOf<typeof CreateToken>['input']['scope']>;

const RevokeToken = graphql(
  `
  mutation RevokeAccessToken($input: RevokeAccessTokenInput!) {
    revokeAccessToken(input: $input) {
      accessToken {
        id
        revokedAt
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const scopes: Record<Scope, string> = {
  READ: 'read: what a viewer may',
  RUN: 'run: what a runner may',
  ALL: 'all that you may, but passwords and tokens',
};

/** Tokens for scripts: made, shown once, revoked. */
export function AccessTokens() {
  const [{ data, error }, refetch] = useQuery({ query: TokensQuery });
  const [secret, setSecret] = useState<string | null>(null);
  const { run: revoke, busy, errors } = useChange(RevokeToken);
  const again = () => refetch({ requestPolicy: 'network-only' });
  const tokens = data?.accessTokens.nodes ?? [];
  return (
    <Panel title="Access tokens" bare aside="For scripts: Authorization: Bearer ts_pat_…">
      {secret && <Secret secret={secret} onDone={() => setSecret(null)} />}
      <TokenForm
        onMade={(made) => {
          setSecret(made);
          again();
        }}
      />
      <UserErrorList errors={[...errors, ...(error ? [error] : [])]} />
      {tokens.length === 0 ? (
        <Empty>You have made no tokens.</Empty>
      ) : (
        <TableScroll label="Table of access tokens">
          <Table className={tables.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Token</Table.Th>
                <Table.Th>Begins with</Table.Th>
                <Table.Th>May</Table.Th>
                <Table.Th>Made</Table.Th>
                <Table.Th>Works until</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tokens.map(({ id, name, hint, scope, createdAt, expiresAt, lastUsedAt, revokedAt }) => (
                <Table.Tr key={id}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>
                    <code>{hint}…</code>
                  </Table.Td>
                  <Table.Td>{scope.toLowerCase()}</Table.Td>
                  <Table.Td className={tables.none}>{moment(createdAt)}</Table.Td>
                  <Table.Td className={tables.none}>{new Date(expiresAt).toLocaleDateString()}</Table.Td>
                  <Table.Td className={tables.none}>{lastUsedAt ? moment(lastUsedAt) : 'never'}</Table.Td>
                  <Table.Td>
                    {revokedAt ? (
                      <span className={tables.none}>revoked</span>
                    ) : (
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={busy}
                        aria-label={`Revoke ${name}`}
                        onClick={async () => (await revoke({ input: { accessTokenId: id } })) && again()}
                      >
                        Revoke
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </Panel>
  );
}

function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  return (
    <div className={classes.secret} role="status">
      <p>This is the token. It is shown this once: only its hash is kept.</p>
      <code>{secret}</code>
      <Group mt="sm" gap="xs">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button size="xs" variant="subtle" onClick={onDone}>
          I have it
        </Button>
      </Group>
    </div>
  );
}

function TokenForm({ onMade }: { onMade: (secret: string) => void }) {
  const { run, busy, errors } = useChange(CreateToken);
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('READ');
  const [days, setDays] = useState<number | string>(90);
  const refusals = errorsByField(errors, ['name', 'expiresInDays']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await run({ input: { name, scope, expiresInDays: Number(days) } });
    if (!made?.createAccessToken.created) return;
    onMade(made.createAccessToken.created.secret);
    setName('');
  };
  return (
    <form onSubmit={submit} className={classes.inline} aria-label="New access token">
      <TextInput
        label="Where it is used"
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={refusals.name}
      />
      <NativeSelect
        label="It may"
        value={scope}
        onChange={({ currentTarget }) => setScope(currentTarget.value as Scope)}
        data={Object.entries(scopes).map(([value, label]) => ({ value, label }))}
      />
      <NumberInput
        label="Days it works"
        value={days}
        onChange={setDays}
        allowDecimal={false}
        w={110}
        error={refusals.expiresInDays}
      />
      <Button type="submit" loading={busy}>
        Make a token
      </Button>
      <UserErrorList errors={refusals.elsewhere} />
    </form>
  );
}
