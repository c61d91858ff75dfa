'use client';

import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links, MOST_COMPARED } from '../../lib/links';
import { Hydrated } from '../../ui/Hydrated';
import { LoadError } from '../../ui/LoadError';
import { Notice } from '../../ui/Notice';
import { PageLink } from '../../ui/PageLink';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { useAddress } from '../../ui/useAddress';
import { Comparison } from './Comparison';
import { CompareQuery } from './comparison';

export function ComparePage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Compare />
    </Hydrated>
  );
}

function Compare() {
  const asked = [...new Set((useAddress().get('ids') ?? '').split(' ').filter(Boolean))];
  const ids = asked.slice(0, MOST_COMPARED);
  const { data, error, retry } = useLiveQuery(CompareQuery, { ids });
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const models = data.nodes.filter((node) => node?.__typename === 'Model');
  if (models.length < 2) {
    return (
      <Notice title="Nothing to compare yet" action={<PageLink href={links.models}>Choose models</PageLink>}>
        Choose two models or more in the list, then “Compare”. The address of the comparison can be shared.
      </Notice>
    );
  }
  return (
    <Comparison models={models} missing={ids.length - models.length} further={asked.length - ids.length} />
  );
}
