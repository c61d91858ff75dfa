import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { checkName, checkPassword } from '../auth/checks.js';
import { sessionCookie } from '../auth/cookies.js';
import { createFirstAdmin } from '../auth/firstAdmin.js';
import { logIn, openSession } from '../auth/login.js';
import { Rule } from '../auth/rules.js';
import { auditEntry, writeAudit } from '../store/audit.js';
import {
  accessTokenRow,
  endSessions,
  issueCredential,
  revokeAccessToken,
  tokensOf,
} from '../store/credentials.js';
import type { Db } from '../store/database.js';
import * as users from '../store/users.js';
import { type Viewer, viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context, HttpSide } from './context.js';
import { listTable } from './lists.js';
import { personById } from './lookups.js';
import * as P from './present.js';

const DAY_MS = 24 * 3_600_000;
@Resolver()
export class AccountQueries {
  @Rule('ANYONE')
  @Query(() => S.Viewer, { nullable: true, description: 'The caller; null where nobody is signed in.' })
  viewer(@Ctx() { viewer }: Context) {
    return viewer && P.presentViewer(viewer);
  }

  @Rule('ANYONE')
  @Query(() => S.SignIn, { description: 'Whether and how one signs in.' })
  async signIn(@Ctx() { db, auth }: Context) {
    return { required: auth.on, awaitsFirstAdmin: auth.on && !(await users.hasAdmin(db)) };
  }

  @Rule('ADMIN')
  @Query(() => S.UserConnection, { description: 'Users, newest first.' })
  users(@Args(() => S.PageArgs) page: S.PageArgs, @Ctx() { db }: Context) {
    return listTable(db, 'user', page, P.presentUser, (query) => query);
  }

  @Rule('VIEWER')
  @Query(() => S.AccessTokenConnection, { description: 'Access tokens, newest first, revoked ones too.' })
  accessTokens(@Args(() => S.AccessTokenArgs) args: S.AccessTokenArgs, @Ctx() context: Context) {
    const viewer = viewerOf(context);
    const { userId = viewer.id, ...page } = args;
    // Another user's tokens are hidden, as if there were none.
    const seen = viewer.role === 'ADMIN' || userId === viewer.id ? userId : '';
    return listTable(context.db, 'credential', page, P.presentAccessToken, tokensOf(seen));
  }

  @Rule('ADMIN')
  @Query(() => S.AuditEntryConnection, { description: 'Who did what, newest first.' })
  auditLog(@Args(() => S.PageArgs) page: S.PageArgs, @Ctx() { db }: Context) {
    return listTable(db, 'audit', page, P.presentAuditEntry, (query) => query);
  }
}

@Resolver(() => S.AuditEntry)
export class AuditEntryFields {
  @FieldResolver()
  who(@Root() { row }: P.PresentedAuditEntry, @Ctx() context: Context) {
    return personById(row.user_id, context);
  }
  @FieldResolver()
  async accessTokenId(@Root() { row }: P.PresentedAuditEntry, @Ctx() { db }: Context) {
    return row.credential_id && ((await accessTokenRow(db, row.credential_id))?.id ?? null);
  }
}

@Resolver()
export class AccountMutations {
  @Rule('ANYONE')
  @Mutation(() => S.CreateFirstAdminPayload, {
    description: 'Makes the first admin with the token that the server printed, and signs them in.',
  })
  createFirstAdmin(
    @Arg('input', () => S.CreateFirstAdminInput, INPUT) input: S.CreateFirstAdminInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const http = signInSide(context);
      const { db, auth } = context;
      let session!: Awaited<ReturnType<typeof openSession>>;
      await createFirstAdmin(db, auth.passwords, input, async (tx, id) => {
        session = await openSession(tx, { id, name: checkName(input.name), role: 'ADMIN' });
        await writeAudit(tx, session.viewer, 'createFirstAdmin', [id]);
      });
      http.setHeader('Set-Cookie', sessionCookie(session.secret, auth.publicUrl));
      return { viewer: P.presentViewer(session.viewer) };
    });
  }

  @Rule('ANYONE')
  @Mutation(() => S.LoginPayload, {
    description:
      'Signs a browser in: the answer sets a cookie. 5 wrong guesses a minute from an address, or at an account; then 429 with Retry-After.',
  })
  login(@Arg('input', () => S.LoginInput, INPUT) input: S.LoginInput, @Ctx() context: Context) {
    return answer(async () => {
      const http = signInSide(context);
      const { db, auth } = context;
      await countGuess(context, http, input.name);
      const { viewer, secret } = await logIn(db, auth.passwords, input);
      await auth.limits.succeeded(http.address, input.name);
      http.setHeader('Set-Cookie', sessionCookie(secret, auth.publicUrl));
      return { viewer: P.presentViewer(viewer) };
    });
  }

  @Rule('IN_PERSON')
  @Mutation(() => S.LogoutPayload, { description: 'Ends this browser’s session.' })
  logout(@Arg('input', () => S.LogoutInput, INPUT) { everywhere }: S.LogoutInput, @Ctx() context: Context) {
    return answer(async () => {
      const http = signInSide(context);
      const viewer = viewerOf(context);
      await context.db.transaction().execute(async (tx) => {
        await endSessions(tx, viewer.id, everywhere ? {} : { only: viewer.credentialId! });
        await writeAudit(tx, viewer, 'logout', [viewer.id]);
      });
      http.setHeader('Set-Cookie', sessionCookie(null, context.auth.publicUrl));
      return { viewer: null };
    });
  }

  @Rule('ADMIN')
  @Mutation(() => S.CreateUserPayload, {
    description: 'Makes an account. People cannot make one for themselves.',
  })
  createUser(
    @Arg('input', () => S.CreateUserInput, INPUT) input: S.CreateUserInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const name = checkName(input.name);
      const passwordHash = await context.auth.passwords.hash(checkPassword(input.password));
      return changeUser('createUser', context, (tx) =>
        users.insertUser(tx, { name, role: input.role, passwordHash }),
      );
    });
  }

  @Rule('ADMIN')
  @Mutation(() => S.SetUserRolePayload, { description: 'Changes what somebody may do, from now on.' })
  setUserRole(
    @Arg('input', () => S.SetUserRoleInput, INPUT) { userId, role }: S.SetUserRoleInput,
    @Ctx() context: Context,
  ) {
    return answer(() =>
      changeUser('setUserRole', context, async (tx) => {
        await users.setUserRole(tx, userId, role);
        return userId;
      }),
    );
  }

  @Rule('ADMIN')
  @Mutation(() => S.SetUserDisabledPayload, {
    description: 'Closes an account, its sessions and open websockets, or opens it again.',
  })
  setUserDisabled(
    @Arg('input', () => S.SetUserDisabledInput, INPUT) { userId, disabled }: S.SetUserDisabledInput,
    @Ctx() context: Context,
  ) {
    return answer(() =>
      changeUser('setUserDisabled', context, async (tx) => {
        await users.setUserDisabled(tx, userId, disabled);
        return userId;
      }),
    );
  }

  @Rule('ADMIN')
  @Mutation(() => S.ResetPasswordPayload, {
    description: 'Gives somebody a new password and ends their sessions.',
  })
  resetPassword(
    @Arg('input', () => S.ResetPasswordInput, INPUT) { userId, password }: S.ResetPasswordInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const passwordHash = await context.auth.passwords.hash(checkPassword(password));
      return changeUser('resetPassword', context, async (tx) => {
        await users.setPassword(tx, userId, passwordHash);
        return userId;
      });
    });
  }

  @Rule('IN_PERSON')
  @Mutation(() => S.ChangePasswordPayload, {
    description: 'Changes one’s own password and ends one’s other sessions. Access tokens stay.',
  })
  changePassword(
    @Arg('input', () => S.ChangePasswordInput, INPUT)
    { currentPassword, newPassword }: S.ChangePasswordInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const http = signInSide(context);
      const viewer = viewerOf(context);
      const { db, auth } = context;
      checkPassword(newPassword, 'newPassword');
      await countGuess(context, http, viewer.name);
      const { password_hash } = await users.userById(db, viewer.id);
      if (!(await auth.passwords.matches(currentPassword, password_hash))) {
        throw new TrojanscopeError('UNAUTHENTICATED', 'The current password is another.', [
          'currentPassword',
        ]);
      }
      await auth.limits.succeeded(http.address, viewer.name);
      const passwordHash = await auth.passwords.hash(newPassword);
      await db.transaction().execute(async (tx) => {
        await users.setPassword(tx, viewer.id, passwordHash, viewer.credentialId!);
        await writeAudit(tx, viewer, 'changePassword', [viewer.id]);
      });
      return { viewer: P.presentViewer(viewer) };
    });
  }

  @Rule('IN_PERSON')
  @Mutation(() => S.CreateAccessTokenPayload, {
    description: 'Makes an access token. Its secret is shown this once.',
  })
  createAccessToken(
    @Arg('input', () => S.CreateAccessTokenInput, INPUT) { scope, ...input }: S.CreateAccessTokenInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const viewer = accountOf(context);
      const { name, expiresInDays } = parseParameters(S.createAccessTokenRequest.omit({ scope: true }), {
        ...input,
      });
      return context.db.transaction().execute(async (tx) => {
        const { id, secret } = await issueCredential(tx, {
          kind: 'TOKEN',
          userId: viewer.id,
          name,
          scope,
          lastsMs: expiresInDays * DAY_MS,
        });
        await writeAudit(tx, viewer, 'createAccessToken', [id]);
        return { created: { secret, accessToken: P.presentAccessToken((await accessTokenRow(tx, id))!) } };
      });
    });
  }

  @Rule('IN_PERSON')
  @Mutation(() => S.RevokeAccessTokenPayload, {
    description: 'Ends an access token for good, and the websockets that it opened.',
  })
  revokeAccessToken(
    @Arg('input', () => S.RevokeAccessTokenInput, INPUT) { accessTokenId }: S.RevokeAccessTokenInput,
    @Ctx() context: Context,
  ) {
    const viewer = viewerOf(context);
    return answer(() =>
      context.db.transaction().execute(async (tx) => {
        await revokeAccessToken(tx, accessTokenId, viewer);
        await writeAudit(tx, viewer, 'revokeAccessToken', [accessTokenId]);
        return { accessToken: P.presentAccessToken((await accessTokenRow(tx, accessTokenId))!) };
      }),
    );
  }
}

/** A change of an account with its place in the audit log. @param change gives the user's id */
function changeUser(mutation: string, context: Context, change: (tx: Db) => Promise<string>) {
  return context.db.transaction().execute(async (tx) => {
    const id = await change(tx);
    await writeAudit(tx, viewerOf(context), mutation, [id]);
    return { user: P.presentUser(await users.userById(tx, id)) };
  });
}

/** @throws TrojanscopeError UNSUPPORTED where there is nothing to sign in to, or no answer that could carry a cookie */
function signInSide({ auth, http }: Context): HttpSide {
  if (!auth.on) {
    throw new TrojanscopeError(
      'UNSUPPORTED',
      'Accounts are off, so there is no sign-in. Start the server with --auth to turn them on.',
    );
  }
  if (!http)
    throw new TrojanscopeError('UNSUPPORTED', 'Sign in and out over HTTP: a websocket sets no cookie.');
  return http;
}

/** @throws TrojanscopeError UNSUPPORTED where the caller has no account */
function accountOf(context: Context): Viewer {
  const viewer = viewerOf(context);
  if (viewer.signedInBy !== 'LOCAL') return viewer;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    'There are no access tokens where accounts are off: nothing asks for one.',
  );
}

/** @throws TrojanscopeError RATE_LIMITED, and makes the answer a 429 */
async function countGuess({ auth }: Context, http: HttpSide, name: string): Promise<void> {
  const seconds = await auth.limits.attempt(http.address, name);
  if (seconds === 0) return;
  http.retryAfterSeconds = seconds;
  throw new TrojanscopeError('RATE_LIMITED', `Too many attempts. Try again in ${seconds} s.`);
}

// For node(id): what one may not see is not there.

export async function userById(id: string, context: Context) {
  const viewer = viewerOf(context);
  if (viewer.role !== 'ADMIN' && viewer.id !== id) return null;
  const row = await context.load.user.load(id);
  return row && P.presentUser(row);
}
export async function accessTokenById(id: string, context: Context) {
  const viewer = viewerOf(context);
  const row = await accessTokenRow(context.db, id);
  return row && (viewer.role === 'ADMIN' || viewer.id === row.user_id) ? P.presentAccessToken(row) : null;
}
export async function auditEntryById(id: string, context: Context) {
  if (viewerOf(context).role !== 'ADMIN') return null;
  const row = await auditEntry(context.db, id);
  return row ? P.presentAuditEntry(row) : null;
}
