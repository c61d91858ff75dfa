import { randomBytes } from 'node:crypto';
import { TrojanscopeError } from '@trojanscope/core';
import { Command, Option } from 'commander';
import { checkName } from '../auth/checks.js';
import { createPasswords } from '../auth/passwords.js';
import { dataOption } from '../config.js';
import { writeAudit } from '../store/audit.js';
import { type Db, withDatabase } from '../store/database.js';
import { allUsers, insertUser, setPassword, userByName } from '../store/users.js';
import { LOCAL, type Role } from '../viewer.js';

interface Common {
  data: string;
}

/** `user list | add | reset-password`: for the machine's administrator. A running server notices at once. */
export function userCommand(): Command {
  const all = new Command('user');
  const command = (usage: string, description: string) =>
    all.command(usage).description(description).addOption(dataOption());

  command('list', 'every account')
    .option('--json', 'for programs')
    .action(async ({ data, json }: Common & { json?: boolean }) => {
      const users = await withDatabase(data, listUsers);
      if (json) console.log(JSON.stringify(users, null, 2));
      else console.log(users.map(line).join('\n') || 'There are no accounts.');
    });

  command('add <name>', 'make an account, with a password that is shown')
    .addOption(new Option('--role <role>').choices(['viewer', 'runner', 'admin']).default('viewer'))
    .action(async (given: string, { data, role }: Common & { role: string }) => {
      const name = checkName(given);
      const password = newPassword();
      const passwordHash = await createPasswords().hash(password);
      await change(data, 'user add', (tx) =>
        insertUser(tx, { name, role: role.toUpperCase() as Role, passwordHash }),
      );
      console.log(
        `${name} is a ${role}, who signs in with this password and changes it then:\n  ${password}`,
      );
    });

  command(
    'reset-password <name>',
    'give somebody a new password, which is shown, and end their sessions',
  ).action(async (name: string, { data }: Common) => {
    const password = newPassword();
    const passwordHash = await createPasswords().hash(password);
    await change(data, 'user reset-password', async (tx) => {
      const user = await userByName(tx, name);
      if (!user) throw new TrojanscopeError('NOT_FOUND', `There is no user ${name}.`);
      await setPassword(tx, user.id, passwordHash);
      return user.id;
    });
    console.log(`The new password of ${name}, to be changed by them:\n  ${password}`);
  });
  return all;
}

const newPassword = () => randomBytes(18).toString('base64url');

/** @param work gives the user's id */
async function change(data: string, action: string, work: (tx: Db) => Promise<string>): Promise<void> {
  await withDatabase(data, (db) =>
    db.transaction().execute(async (tx) => writeAudit(tx, LOCAL, action, [await work(tx)])),
  );
}

async function listUsers(db: Db) {
  return (await allUsers(db)).map(({ id, name, role, created_at, last_login_at, disabled_at }) => ({
    id,
    name,
    role,
    disabled: disabled_at !== null,
    createdAt: created_at,
    lastLoginAt: last_login_at,
  }));
}

function line({ name, role, disabled, lastLoginAt }: Awaited<ReturnType<typeof listUsers>>[number]) {
  const seen = lastLoginAt ? `signed in last ${lastLoginAt}` : 'never signed in';
  return `${name}: ${role.toLowerCase()}${disabled ? ', closed' : ''}, ${seen}`;
}
