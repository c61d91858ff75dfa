import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf, Node } from './connections.js';
import { Role, SignInMethod, TokenScope } from './enums.js';
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

const NAME = 'The name to sign in with: 1 to 40 of a–z, 0–9 and . _ - @; capitals are taken as small.';
const PASSWORD = '12 to 200 characters.';

@InputType({ description: 'The first admin of a server.' })
export class CreateFirstAdminInput {
  @Field(() => String, { description: 'What the server printed when it started: `ts_setup_…`.' })
  oneTimeToken!: string;
  @Field(() => String, { description: NAME })
  name!: string;
  @Field(() => String, { description: PASSWORD })
  password!: string;
}

@InputType({ description: 'Name and password.' })
export class LoginInput {
  @Field(() => String, { description: 'The name.' })
  name!: string;
  @Field(() => String, { description: 'The password.' })
  password!: string;
}

@InputType({ description: 'Which sessions to end.' })
export class LogoutInput {
  @Field(() => Boolean, { defaultValue: false, description: 'Also those of one’s other browsers.' })
  everywhere!: boolean;
}

@InputType({ description: 'An account to make.' })
export class CreateUserInput {
  @Field(() => String, { description: NAME })
  name!: string;
  @Field(() => Role, { defaultValue: 'VIEWER', description: 'What they may do.' })
  role!: keyof typeof Role;
  @Field(() => String, { description: `Their first password, to be changed by them: ${PASSWORD}` })
  password!: string;
}

@InputType({ description: 'What somebody may do from now on.' })
export class SetUserRoleInput {
  @Field(() => ID, { description: 'Who.' })
  userId!: string;
  @Field(() => Role, { description: 'The role.' })
  role!: keyof typeof Role;
}

@InputType({ description: 'An account to close or to open again.' })
export class SetUserDisabledInput {
  @Field(() => ID, { description: 'Whose.' })
  userId!: string;
  @Field(() => Boolean, { description: 'Whether to close it.' })
  disabled!: boolean;
}

@InputType({ description: 'A new password for somebody who lost theirs.' })
export class ResetPasswordInput {
  @Field(() => ID, { description: 'Whose.' })
  userId!: string;
  @Field(() => String, { description: PASSWORD })
  password!: string;
}

@InputType({ description: 'A new password for oneself.' })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The one until now.' })
  currentPassword!: string;
  @Field(() => String, { description: PASSWORD })
  newPassword!: string;
}

@InputType({ description: 'An access token to make.' })
export class CreateAccessTokenInput {
  @Field(() => String, { description: 'What to call it, 1 to 120 characters: where it is used.' })
  name!: string;
  @Field(() => TokenScope, { defaultValue: 'READ', description: 'What it may do, at most.' })
  scope!: keyof typeof TokenScope;
  @Field(() => Int, { defaultValue: 90, description: 'How long it works, 1 to 366 days.' })
  expiresInDays!: number;
}

@InputType({ description: 'An access token to revoke.' })
export class RevokeAccessTokenInput {
  @Field(() => ID, { description: 'One’s own; anybody’s for admins.' })
  accessTokenId!: string;
}

export const CreateFirstAdminPayload = payloadOf(
  'CreateFirstAdmin',
  'viewer',
  () => Viewer,
  'The first admin, signed in.',
);
export const LoginPayload = payloadOf('Login', 'viewer', () => Viewer, 'Who is signed in now.');
export const LogoutPayload = payloadOf('Logout', 'viewer', () => Viewer, 'Who is left: nobody.');
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
