/** sharedServer.ts’s other half: the built app with cheap passwords and a queue that starts nothing. */
import type { AddressInfo } from 'node:net';
import { createLoginLimits } from '@trojanscope/api/auth/loginLimits';
import { createPasswords } from '@trojanscope/api/auth/passwords';
import { createMemoryLimits } from '@trojanscope/api/rateLimits';
import { bareApp } from './bareApp.js';

const { data, publicUrl } = JSON.parse(process.argv[2]!);
const auth = {
  on: true,
  publicUrl: publicUrl ? new URL(publicUrl) : null,
  passwords: createPasswords(4),
  limits: createLoginLimits(createMemoryLimits()),
};
const { app } = await bareApp(data, { auth });
app.server.listen(0, '127.0.0.1', () => process.send!((app.server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
