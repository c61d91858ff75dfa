import { Group } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { ActionButton } from '../../controls/ActionButton';
import { counted } from '../../format/count';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { Pages } from '../../ui/Pages';
import { PanelExport } from '../../ui/PanelExport';
import { useAddress } from '../../ui/useAddress';
import { SavedViews } from '../curation/SavedViews';
import { ChosenModels } from './ChosenModels';
import { EmptyTrash } from './EmptyTrash';
import classes from './ModelBrowser.module.css';
import { ModelFilters } from './ModelFilters';
import { ModelRows } from './ModelRows';
import { ModelsQuery } from './modelColumns';
import { type ModelsVariables, modelsFilter, parseOrders } from './modelList';
import { modelsSource } from './modelsSource';

const PAGE_SIZE = 50;

// Asked for rarely, so it is fetched then.
const ImportModel = dynamic(() => import('../import/ImportModel').then(({ ImportModel }) => ImportModel));

/** All models: found, ordered, kept in order, chosen for comparison. What is shown stands in the address. */
export function ModelBrowser() {
  const { get, change } = useAddress();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [importing, setImporting] = useState(false);
  const trash = get('trash') !== null;
  const [orderBy, ...thenBy] = parseOrders(get('sort'));
  const before = get('before');
  const backwards = before !== null;
  const variables: ModelsVariables = {
    // An empty `before` is the end of the list.
    ...(backwards ? { last: PAGE_SIZE, before: before || null } : { first: PAGE_SIZE, after: get('after') }),
    filter: modelsFilter(get),
    orderBy: orderBy ?? null,
    thenBy,
  };
  const { data, error, retry } = useLiveQuery(ModelsQuery, variables);
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { nodes, totalCount, pageInfo } = data.models;
  const filtered = ['q', 'data', 'network', 'attack', 'status', 'tags'].some((name) => get(name) !== null);
  const nothing = nodes.length === 0 && !filtered && !trash;
  return (
    <>
      <PageHead
        title={trash ? 'Models in the trash' : 'Models'}
        facts={[
          counted(totalCount, filtered ? 'match' : 'model', filtered ? 'matches' : undefined),
          trash ? (
            <InternalLink key="all" href={links.models}>
              All models
            </InternalLink>
          ) : (
            <InternalLink key="trash" href={`${links.models}?trash=1`}>
              Trash
            </InternalLink>
          ),
        ]}
        actions={
          <Group gap={8}>
            {nodes.length > 0 && <PanelExport source={modelsSource(variables, nodes)} />}
            {trash ? (
              <EmptyTrash />
            ) : (
              <>
                <SavedViews />
                <ActionButton onClick={() => setImporting(true)}>Import</ActionButton>
                {!nothing && <PageLink href={links.new('implant')}>New model</PageLink>}
              </>
            )}
          </Group>
        }
      />
      {importing && <ImportModel onClose={() => setImporting(false)} />}
      {nothing ? (
        <Notice
          part
          title="No models yet"
          action={<PageLink href={links.new('implant')}>Implant a backdoor</PageLink>}
        >
          Train a benign classifier, or implant a backdoor into one: the benign model it is compared with is
          trained first by itself.
        </Notice>
      ) : (
        <div className={classes.list}>
          <ModelFilters />
          {nodes.length > 0 ? (
            <ModelRows models={nodes} chosen={chosen} onChoose={setChosen} />
          ) : (
            <Notice part title={filtered ? 'No model matches' : 'No model is in the trash'}>
              {filtered
                ? 'No model matches all filters above. Remove some.'
                : 'What is moved here is kept until it is restored or the trash is emptied.'}
            </Notice>
          )}
          <Pages info={pageInfo} shown={nodes.length} total={totalCount} onChange={change} />
          <ChosenModels chosen={chosen} shown={nodes} trash={trash} onClear={() => setChosen(new Set())} />
        </div>
      )}
    </>
  );
}
