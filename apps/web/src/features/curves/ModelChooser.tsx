import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../../graphql/graphql';
import classes from './ModelChooser.module.css';

const ModelChoicesQuery = graphql(`
  query ModelChoices($search: String) {
    models(first: 50, filter: { kind: TROJANED, status: [SUCCEEDED], search: $search }) {
      totalCount
      nodes {
        id
        name
      }
    }
  }
`);

interface ModelChooserProps {
  /** Those chosen, with their names. */
  chosen: readonly { id: string; name: string }[];
  onChange: (ids: string[]) => void;
  /** How many can be chosen. */
  most: number;
}

/** Any number of trojaned models, found by name on the server. */
export function ModelChooser({ chosen, onChange, most }: ModelChooserProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [{ data }] = useQuery({ query: ModelChoicesQuery, variables: { search: search || null } });
  const found = data?.models.nodes ?? [];
  const byId = new Map([...chosen, ...found].map(({ id, name }) => [id, name]));
  return (
    <MultiSelect
      label={chosen.length < most ? 'Models' : `Models, ${most} at most`}
      placeholder="Add a model by name"
      maxValues={most}
      searchable
      hidePickedOptions
      searchValue={typed}
      onSearchChange={setTyped}
      value={chosen.map(({ id }) => id)}
      onChange={onChange}
      data={[...byId].map(([value, label]) => ({ value, label }))}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="No trojaned model is called so"
      classNames={{ pillsList: classes.pills! }}
    />
  );
}
