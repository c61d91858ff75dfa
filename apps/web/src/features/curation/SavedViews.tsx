import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { usePathname } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { useViewer } from '../../session/viewer';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './SavedViews.module.css';

const SavedViewsQuery = graphql(`
  query SavedViews {
    savedViews(first: 100) {
      nodes {
        id
        name
        address
        shared
        createdBy {
          id
          name
        }
      }
    }
  }
`);
type View = ResultOf<typeof SavedViewsQuery>['savedViews']['nodes'][number];

const SaveView = graphql(
  `
  mutation SaveView($input: SaveViewInput!) {
    saveView(input: $input) {
      view {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const DeleteView = graphql(
  `
  mutation DeleteView($input: DeleteViewInput!) {
    deleteView(input: $input) {
      view {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** What this page has been looked at as, under names: filters, order, choices, as its address has them. */
export function SavedViews() {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus width={340} position="bottom-end">
      <Popover.Target>
        <Button variant="default" onClick={() => setOpened(!opened)} aria-expanded={opened}>
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ViewsOfPage onOpen={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ViewsOfPage({ onOpen }: { onOpen: () => void }) {
  const me = useViewer();
  const path = usePathname();
  const { data, error, retry } = useLiveQuery(SavedViewsQuery, {});
  const [renamed, setRenamed] = useState<View | null>(null);
  const deleted = useChange(DeleteView);
  if (!data && error) return <LoadError part error={error} retry={retry} />;
  const views = (data?.savedViews.nodes ?? []).filter(({ address }) => pathOf(address) === path);
  return (
    <>
      {data && views.length === 0 && (
        <p className={classes.none}>
          No view of this page has been saved yet. A view is its address, under a name.
        </p>
      )}
      <ul className={classes.views} aria-label="Saved views">
        {views.map((view) => (
          <li key={view.id}>
            <span className={classes.name}>
              <InternalLink href={view.address} onClick={onOpen}>
                {view.name}
              </InternalLink>
              {view.shared && (
                <span>{view.createdBy.id === me.id ? 'for everybody' : `by ${view.createdBy.name}`}</span>
              )}
            </span>
            {view.createdBy.id === me.id && (
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={`Rename ${view.name}`}
                onClick={() => setRenamed(view)}
              >
                Rename
              </Button>
            )}
            {(view.createdBy.id === me.id || me.role === 'ADMIN') && (
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={`Delete ${view.name}`}
                loading={deleted.busy}
                onClick={async () => (await deleted.run({ input: { viewId: view.id } })) && retry()}
              >
                Delete
              </Button>
            )}
          </li>
        ))}
      </ul>
      <UserErrorList errors={deleted.errors} />
      <ViewForm
        key={renamed?.id ?? ''}
        view={renamed}
        onDone={() => {
          setRenamed(null);
          retry();
        }}
      />
    </>
  );
}

/** Saves what is shown now, or gives a view another name. */
function ViewForm({ view, onDone }: { view: View | null; onDone: () => void }) {
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const path = usePathname();
  const { run, busy, errors } = useChange(SaveView);
  const refusals = errorsByField(errors, ['name']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const address = view?.address ?? path + location.search;
    if (!(await run({ input: { viewId: view?.id ?? null, name, address, shared } }))) return;
    setName('');
    onDone();
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label={view ? 'Rename the view' : 'Save this view'}>
      <TextInput
        data-autofocus={view !== null || undefined}
        label={view ? `Another name for “${view.name}”` : 'Save what is shown now as'}
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={refusals.name}
      />
      <Checkbox
        size="xs"
        label="Everybody sees it"
        checked={shared}
        onChange={({ currentTarget }) => setShared(currentTarget.checked)}
      />
      <UserErrorList errors={refusals.elsewhere} />
      <Button type="submit" size="xs" loading={busy}>
        {view ? 'Rename' : 'Save'}
      </Button>
    </form>
  );
}

/** With a slash at its end, as the pages have. */
const pathOf = (address: string) => new URL(address, location.origin).pathname.replace(/\/?$/, '/');
