'use client';

import type { ResultOf, VariablesOf } from '../../graphql/graphql';
import { links, MOST_COMPARED } from '../../lib/links';
import { livePage } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageLink } from '../../ui/PageLink';
import { useAddress } from '../../ui/useAddress';
import { Comparison } from './Comparison';
import { CompareQuery } from './comparison';

export const ComparePage = livePage(
  CompareQuery,
  (get) => ({ ids: idsIn(get('ids')).slice(0, MOST_COMPARED) }),
  Compare,
);

const idsIn = (word: string | null) => [...new Set((word ?? '').split(' ').filter(Boolean))];

interface CompareProps {
  data: ResultOf<typeof CompareQuery>;
  variables: VariablesOf<typeof CompareQuery>;
}

function Compare({ data, variables: { ids } }: CompareProps) {
  const asked = idsIn(useAddress().get('ids'));
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
