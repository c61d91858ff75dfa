'use client';

import { Box, Skeleton } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useQuery } from 'urql';
import { graphql } from '../../graphql/graphql';
import { links, type NewKind } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { FilterBar } from '../../ui/FilterBar';
import { hydratedPage } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import { useAddress } from '../../ui/useAddress';
import { ModelForm } from '../models/ModelForm';
import { ModelSelect } from '../models/ModelSelect';
import { StudyForm } from '../studies/StudyForm';
import { SweepForm } from '../sweeps/SweepForm';

// It reads and writes YAML, which nothing else does.
const StudyComposer = dynamic(
  () => import('../composer/StudyComposer').then(({ StudyComposer }) => StudyComposer),
  { loading: () => <Skeleton height={420} /> },
);

const kinds: { value: NewKind; label: string }[] = [
  { value: 'implant', label: 'Implant a backdoor' },
  { value: 'train', label: 'Train a benign model' },
  { value: 'sweep', label: 'Sweep a model' },
  { value: 'study', label: 'Run a study' },
  { value: 'compose', label: 'Compose a study' },
];

const SweptQuery = graphql(`
  query Swept($id: ID!) {
    node(id: $id) {
      __typename
      ... on Model {
        id
        attack {
          triggerRefusal
        }
      }
    }
  }
`);

const AnyTrojanedQuery = graphql(`
  query AnyTrojaned {
    models(first: 1, filter: { kind: TROJANED, status: [SUCCEEDED] }) {
      nodes {
        id
      }
    }
  }
`);

export const NewPage = hydratedPage(New);

function New() {
  const { get, change } = useAddress();
  const asked = get('kind');
  const kind = kinds.find(({ value }) => value === asked)?.value ?? 'implant';
  const refusal = useRefusal();
  const from = get('from');
  return (
    <>
      <PageHead title="New" facts={refusal ? [refusal] : []} />
      <Stack>
        <FilterBar
          legend="What to start"
          options={kinds}
          value={kind}
          onChange={(value) => change({ kind: value, from: null, view: null })}
        />
        {(kind === 'implant' || kind === 'train') && <ModelForm kind={kind} from={from} />}
        {kind === 'sweep' && <Sweep from={from} onChoose={(id) => change({ from: id }, 'replace')} />}
        {kind === 'study' && <StudyForm />}
        {kind === 'compose' && <StudyComposer />}
      </Stack>
    </>
  );
}

/** @param from the model to sweep; the newest where none was chosen */
function Sweep({ from, onChoose }: { from: string | null; onChoose: (id: string) => void }) {
  const [{ data, error }] = useQuery({ query: AnyTrojanedQuery });
  const id = from ?? data?.models.nodes[0]?.id;
  const [{ data: swept }] = useQuery({ query: SweptQuery, variables: { id: id ?? '' }, pause: !id });
  if (error) return <UserErrorList errors={[error]} />;
  if (!data) return <Skeleton height={320} />;
  if (!id) {
    return (
      <Notice
        part
        title="No trojaned model yet"
        action={<PageLink href={links.new('implant')}>Implant a backdoor</PageLink>}
      >
        A sweep transforms the trigger, or the whole image, of a trojaned model that has been trained.
      </Notice>
    );
  }
  return (
    <Panel title="Sweep">
      <Box maw={680}>
        <Stack>
          <ModelSelect
            label="Model"
            placeholder="Search by name"
            filter={{ kind: 'TROJANED', status: ['SUCCEEDED'] }}
            value={id}
            onChange={(chosen) => chosen && onChoose(chosen)}
          />
          {swept?.node?.__typename === 'Model' && (
            <SweepForm
              key={swept.node.id}
              modelId={swept.node.id}
              triggerRefusal={swept.node.attack?.triggerRefusal ?? null}
            />
          )}
        </Stack>
      </Box>
    </Panel>
  );
}
