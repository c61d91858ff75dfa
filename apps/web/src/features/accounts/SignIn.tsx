import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { useWhoAsks } from '../../session/viewer';
import { ColorSchemeToggle } from '../../ui/ColorSchemeToggle';
import { UserErrorList } from '../../ui/UserErrorList';
import { Wordmark } from '../../ui/Wordmark';
import classes from './SignIn.module.css';

const Login = graphql(
  `
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const CreateFirstAdmin = graphql(
  `
  mutation CreateFirstAdmin($input: CreateFirstAdminInput!) {
    createFirstAdmin(input: $input) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** Shown at any address to people who are not signed in; the page of that address follows. */
export function SignIn() {
  const { answer } = useWhoAsks();
  return (
    <div className={classes.screen}>
      <title>Sign in · trojanscope</title>
      <main className={classes.box}>
        <Wordmark />
        {answer?.signIn.awaitsFirstAdmin ? <FirstAdminForm /> : <LoginForm />}
      </main>
      <div className={classes.tools}>
        <ColorSchemeToggle />
      </div>
    </div>
  );
}

function LoginForm() {
  const { refresh } = useWhoAsks();
  const { run, busy, errors } = useChange(Login);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run({ input: { name, password } })) refresh();
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="Sign in">
      <h1 className={classes.title}>Sign in</h1>
      <TextInput
        label="Name"
        autoComplete="username"
        autoFocus
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <UserErrorList errors={errors} />
      <Button type="submit" loading={busy}>
        Sign in
      </Button>
      <p className={classes.note}>No account, or a lost password? An admin of this server makes both.</p>
    </form>
  );
}

function FirstAdminForm() {
  const { refresh } = useWhoAsks();
  const { run, busy, errors } = useChange(CreateFirstAdmin);
  const [oneTimeToken, setToken] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const refusals = errorsByField(errors, ['oneTimeToken', 'name', 'password']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run({ input: { oneTimeToken: oneTimeToken.trim(), name, password } })) refresh();
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="First admin">
      <h1 className={classes.title}>Make the first admin</h1>
      <p className={classes.note}>
        This server has accounts, but no admin yet. When it started it printed a token that makes one, once.
      </p>
      <TextInput
        label="Token"
        placeholder="ts_setup_…"
        autoComplete="off"
        spellCheck={false}
        autoFocus
        required
        value={oneTimeToken}
        onChange={(event) => setToken(event.currentTarget.value)}
        error={refusals.oneTimeToken}
      />
      <TextInput
        label="Name"
        description="To sign in with: a–z, 0–9 and . _ - @"
        autoComplete="username"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusals.name}
      />
      <PasswordInput
        label="Password"
        description="12 characters or more"
        autoComplete="new-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={refusals.password}
      />
      <UserErrorList errors={refusals.elsewhere} />
      <Button type="submit" loading={busy}>
        Make the admin and sign in
      </Button>
    </form>
  );
}
