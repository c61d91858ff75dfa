import { MultiSelect, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { statuses } from '../../lib/statuses';
import { SearchIcon } from '../../ui/icons';
import { useAddress } from '../../ui/useAddress';
import { ColumnChooser } from './ColumnChooser';
import classes from './ModelFilters.module.css';
import { parseTags, tagsText } from './modelList';

const ChoicesQuery = graphql(`
  query ModelChoices {
    catalog {
      attacks {
        id
        title
      }
      importedAttacks {
        id
        title
      }
      datasets {
        id
        title
      }
      architectures {
        id
        title
      }
    }
  }
`);

const TagsQuery = graphql(`
  query Tags {
    tags
  }
`);

const SEARCH_PAUSE_MS = 200;
/** It is trained nowhere here, so it is not among what a training may choose. */
const IMPORTED = { id: 'onnx', title: 'Imported network' };
const none: readonly { id: string; title: string }[] = [];

/** What to show of the models. */
export function ModelFilters() {
  const { get, change } = useAddress();
  const [{ data }] = useQuery({ query: ChoicesQuery });
  const {
    attacks = none,
    importedAttacks = none,
    datasets = none,
    architectures = none,
  } = data?.catalog ?? {};
  const { data: known } = useLiveQuery(TagsQuery, {});
  const chosenTags = parseTags(get('tags'));
  const put = (name: string, value: string | null) => change({ [name]: value, after: null, before: null });
  const choice = (
    name: string,
    label: string,
    all: string,
    options: readonly { id: string; title: string }[],
  ) => (
    <NativeSelect
      aria-label={label}
      value={get(name) ?? ''}
      onChange={(event) => put(name, event.currentTarget.value || null)}
      data={[{ value: '', label: all }, ...options.map(({ id, title }) => ({ value: id, label: title }))]}
    />
  );
  return (
    <search className={classes.filters} aria-label="Models to show">
      <Search value={get('q') ?? ''} onChange={(text) => put('q', text || null)} />
      {choice('attack', 'Attack', 'Benign and trojaned', [
        { id: 'benign', title: 'Benign' },
        { id: 'trojaned', title: 'Trojaned' },
        ...attacks,
        ...importedAttacks,
      ])}
      {choice('data', 'Data set', 'Every data set', datasets)}
      {choice('network', 'Network', 'Every network', [...architectures, IMPORTED])}
      {choice(
        'status',
        'State of the training',
        'Every state',
        Object.entries(statuses).map(([id, title]) => ({ id, title })),
      )}
      {known && (known.tags.length > 0 || chosenTags.length > 0) && (
        <MultiSelect
          aria-label="Tags"
          placeholder={chosenTags.length > 0 ? undefined : 'Tags'}
          data={[...new Set([...known.tags, ...chosenTags])]}
          value={chosenTags}
          onChange={(tags) => put('tags', tagsText(tags))}
          searchable
          className={classes.tags}
        />
      )}
      <ColumnChooser />
    </search>
  );
}

/** The field keeps what is typed; the address follows once the typing pauses. */
function Search({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const tell = useDebouncedCallback(onChange, SEARCH_PAUSE_MS);
  // “Back” changes the address without the field.
  useEffect(() => setText(value), [value]);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label="Search in names and notes"
      aria-keyshortcuts="/"
      placeholder="Search in names and notes"
      leftSection={<SearchIcon />}
      className={classes.search}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
    />
  );
}
