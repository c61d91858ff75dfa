/** sharedServer.mjs’s other half: the built app with cheap passwords and a queue that starts nothing. */
import { bareApp } from './bareApp.mjs';

const built = (name) => import(new URL(`../../dist/${name}`, import.meta.url).href);
const { createLoginLimits } = await built('auth/loginLimits.js');
const { createPasswords } = await built('auth/passwords.js');

const { data, publicUrl } = JSON.parse(process.argv[2]);
const auth = {
  on: true,
  publicUrl: publicUrl ? new URL(publicUrl) : null,
  passwords: createPasswords(4),
  limits: createLoginLimits(),
};
const { app } = await bareApp(data, { auth });
app.server.listen(0, '127.0.0.1', () => process.send(app.server.address().port));
process.on('disconnect', () => process.exit(0));
