'use client';

import { AccessTokens } from '../../components/AccessTokens';
import { Account } from '../../components/Account';
import { AuditLog } from '../../components/AuditLog';
import { Columns } from '../../components/Columns';
import { Hydrated } from '../../components/Hydrated';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { ServerFacts } from '../../components/ServerFacts';
import { Stack } from '../../components/Stack';
import { Users } from '../../components/Users';
import { useViewer } from '../../graphql/viewer';

export default function SettingsPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Settings />
    </Hydrated>
  );
}

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
        {accounts && <AccessTokens />}
        {accounts && role === 'ADMIN' && <Users />}
        {role === 'ADMIN' && <AuditLog />}
      </Stack>
    </>
  );
}
