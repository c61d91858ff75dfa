import { id, integer, nameSchema } from '@trojanscope/core/definitions';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { connectionOf, Node } from './connections.js';
import { Role, SignInMethod, TokenScope } from './enums.js';
import { inputOf } from './inputOf.js';
import { PageArgs } from './pageArgs.js';
import { payloadOf } from './payloads.js';
import { Person } from './values.js';

// Everything about accounts: who asks, users, access tokens, the audit log.

@ObjectType({ description: 'Who asks, and what they may do.' })
export class Viewer {
  @Field(() => ID, { description: 'Id of the user; `local` where accounts are off.' })
  id!: string;
  @Field(() => String, { description: 'The user’s name; `local` where accounts are off.' })
  name!: string;
  @Field(() => Role, {
    description: 'What this request may do: the user’s role, or less with a narrow token.',
  })
  role!: keyof typeof Role;
  @Field(() => SignInMethod, { description: 'How it is known who asks.' })
  signedInBy!: keyof typeof SignInMethod;
}

@ObjectType({ description: 'What a sign-in page needs to know before anybody is signed in.' })
export class SignIn {
  @Field(() => Boolean, { description: 'Whether one has to sign in at all.' })
  required!: boolean;
  @Field(() => Boolean, {
    description: 'Whether there is no admin yet: `createFirstAdmin` with the token that the server printed.',
  })
  awaitsFirstAdmin!: boolean;
}

@ObjectType({ implements: Node, description: 'Somebody with an account.' })
export class User extends Node {
  @Field(() => String, { description: 'The name to sign in with.' })
  name!: string;
  @Field(() => Role, { description: 'What they may do.' })
  role!: keyof typeof Role;
  @Field(() => Boolean, { description: 'Whether the account is closed: no sign-in, no token works.' })
  disabled!: boolean;
  @Field(() => GraphQLDateTime, { description: 'When the account was made.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When they last signed in with a password.' })
  lastLoginAt!: Date | null;
}

@ObjectType({ implements: Node, description: 'A credential for scripts: `Authorization: Bearer ts_pat_…`.' })
export class AccessToken extends Node {
  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;
  @Field(() => String, { description: 'How it begins, to tell it from others. The rest is not kept.' })
  hint!: string;
  @Field(() => TokenScope, { description: 'What it may do, at most.' })
  scope!: keyof typeof TokenScope;
  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { description: 'When it stops working.' })
  expiresAt!: Date;
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was last used, to the minute; null for never.',
  })
  lastUsedAt!: Date | null;
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was revoked, if it was.' })
  revokedAt!: Date | null;
}

@ObjectType({ description: 'A new access token with its secret, which is shown this once.' })
export class CreatedAccessToken {
  @Field(() => String, { description: 'The token itself: `ts_pat_…`. Only its hash is kept.' })
  secret!: string;
  @Field(() => AccessToken, { description: 'What is kept of it.' })
  accessToken!: AccessToken;
}

@ObjectType({ implements: Node, description: 'Something that somebody did.' })
export class AuditEntry extends Node {
  @Field(() => Person, { description: 'Who.' })
  who!: Person;
  @Field(() => String, { description: 'What: the name of the mutation, or of the command in the terminal.' })
  action!: string;
  @Field(() => [ID], { description: 'To what: ids of what was started, changed or deleted.' })
  entityIds!: string[];
  @Field(() => ID, { nullable: true, description: 'With which access token; null without one.' })
  accessTokenId!: string | null;
  @Field(() => GraphQLDateTime, { description: 'When.' })
  at!: Date;
}

@ArgsType()
export class AccessTokenArgs extends PageArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Whose: one’s own when left out; others’ only for admins.',
  })
  userId?: string;
}

/** As it is stored: capitals are taken as small. */
export const userNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,39}$/, 'expected 1 to 40 of a–z, 0–9 and . _ - @, a letter or digit first')
  .refine((name) => name !== 'local' && name !== 'server', 'this name has a meaning of its own')
  .describe('The name to sign in with: 1 to 40 of a–z, 0–9 and . _ - @; capitals are taken as small.');
export const passwordSchema = z.string().min(12).max(200).describe('12 to 200 characters.');
/** Whatever somebody types, right or wrong. */
const typed = z.string().max(1_000);

const createFirstAdminRequest = z.strictObject({
  oneTimeToken: typed.describe('What the server printed when it started: `ts_setup_…`.'),
  name: userNameSchema,
  password: passwordSchema,
});
export const CreateFirstAdminInput = inputOf(
  'CreateFirstAdminInput',
  'The first admin of a server.',
  createFirstAdminRequest,
);
export type CreateFirstAdminInput = z.output<typeof createFirstAdminRequest>;

const loginRequest = z.strictObject({
  name: typed.describe('The name.'),
  password: typed.describe('The password.'),
});
export const LoginInput = inputOf('LoginInput', 'Name and password.', loginRequest);
export type LoginInput = z.output<typeof loginRequest>;

const logoutRequest = z.strictObject({
  everywhere: z.boolean().default(false).describe('Also those of one’s other browsers.'),
});
export const LogoutInput = inputOf('LogoutInput', 'Which sessions to end.', logoutRequest);
export type LogoutInput = z.output<typeof logoutRequest>;

const role = z.enum(['VIEWER', 'RUNNER', 'ADMIN']);

const createUserRequest = z.strictObject({
  name: userNameSchema,
  role: role.default('VIEWER').describe('What they may do.'),
  password: passwordSchema.describe('Their first password, to be changed by them: 12 to 200 characters.'),
});
export const CreateUserInput = inputOf('CreateUserInput', 'An account to make.', createUserRequest, {
  types: { role: Role },
});
export type CreateUserInput = z.output<typeof createUserRequest>;

const setUserRoleRequest = z.strictObject({ userId: id('Who.'), role: role.describe('The role.') });
export const SetUserRoleInput = inputOf(
  'SetUserRoleInput',
  'What somebody may do from now on.',
  setUserRoleRequest,
  { types: { role: Role } },
);
export type SetUserRoleInput = z.output<typeof setUserRoleRequest>;

const setUserDisabledRequest = z.strictObject({
  userId: id('Whose.'),
  disabled: z.boolean().describe('Whether to close it.'),
});
export const SetUserDisabledInput = inputOf(
  'SetUserDisabledInput',
  'An account to close or to open again.',
  setUserDisabledRequest,
);
export type SetUserDisabledInput = z.output<typeof setUserDisabledRequest>;

const resetPasswordRequest = z.strictObject({ userId: id('Whose.'), password: passwordSchema });
export const ResetPasswordInput = inputOf(
  'ResetPasswordInput',
  'A new password for somebody who lost theirs.',
  resetPasswordRequest,
);
export type ResetPasswordInput = z.output<typeof resetPasswordRequest>;

const changePasswordRequest = z.strictObject({
  currentPassword: typed.describe('The one until now.'),
  newPassword: passwordSchema,
});
export const ChangePasswordInput = inputOf(
  'ChangePasswordInput',
  'A new password for oneself.',
  changePasswordRequest,
);
export type ChangePasswordInput = z.output<typeof changePasswordRequest>;

export const createAccessTokenRequest = z.strictObject({
  name: nameSchema.describe('What to call it, 1 to 120 characters: where it is used.'),
  scope: z.enum(['READ', 'RUN', 'ALL']).default('READ').describe('What it may do, at most.'),
  expiresInDays: integer(1, 366, 90, 'days', 'How long it works.'),
});
export const CreateAccessTokenInput = inputOf(
  'CreateAccessTokenInput',
  'An access token to make.',
  createAccessTokenRequest,
  { types: { scope: TokenScope } },
);
export type CreateAccessTokenInput = z.output<typeof createAccessTokenRequest>;

const revokeAccessTokenRequest = z.strictObject({ accessTokenId: id('One’s own; anybody’s for admins.') });
export const RevokeAccessTokenInput = inputOf(
  'RevokeAccessTokenInput',
  'An access token to revoke.',
  revokeAccessTokenRequest,
);
export type RevokeAccessTokenInput = z.output<typeof revokeAccessTokenRequest>;

export const CreateFirstAdminPayload = payloadOf(
  'CreateFirstAdmin',
  'viewer',
  () => Viewer,
  'The first admin, signed in.',
);
export const LoginPayload = payloadOf('Login', 'viewer', () => Viewer, 'Who is signed in now.');
export const LogoutPayload = payloadOf('Logout', 'viewer', () => Viewer, 'The caller now: null.');
export const CreateUserPayload = payloadOf('CreateUser', 'user', () => User, 'The new user.');
export const SetUserRolePayload = payloadOf('SetUserRole', 'user', () => User, 'The user.');
export const SetUserDisabledPayload = payloadOf('SetUserDisabled', 'user', () => User, 'The user.');
export const ResetPasswordPayload = payloadOf('ResetPassword', 'user', () => User, 'The user.');
export const ChangePasswordPayload = payloadOf(
  'ChangePassword',
  'viewer',
  () => Viewer,
  'Who asks; other browsers are signed out.',
);
export const CreateAccessTokenPayload = payloadOf(
  'CreateAccessToken',
  'created',
  () => CreatedAccessToken,
  'The token with its secret.',
);
export const RevokeAccessTokenPayload = payloadOf(
  'RevokeAccessToken',
  'accessToken',
  () => AccessToken,
  'The token, which works no more.',
);

export const UserConnection = connectionOf(User);
export const AccessTokenConnection = connectionOf(AccessToken);
export const AuditEntryConnection = connectionOf(AuditEntry);
