'use client';

import { useViewer } from '../../session/viewer';
import { Columns } from '../../ui/Columns';
import { hydratedPage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Stack } from '../../ui/Stack';
import { AccessTokens } from './AccessTokens';
import { Account } from './Account';
import { AuditLog } from './AuditLog';
import { Plugins } from './Plugins';
import { ServerFacts } from './ServerFacts';
import { Users } from './Users';

export const SettingsPage = hydratedPage(Settings);

function Settings() {
  const { role, signedInBy } = useViewer();
  const accounts = signedInBy !== 'LOCAL';
  return (
    <>
      <PageHead title="Settings" />
      <Stack>
        <Columns>
          <Account />
          <ServerFacts />
        </Columns>
        {role === 'ADMIN' && <Plugins />}
        {accounts && <AccessTokens />}
        {accounts && role === 'ADMIN' && <Users />}
        {role === 'ADMIN' && <AuditLog />}
      </Stack>
    </>
  );
}
