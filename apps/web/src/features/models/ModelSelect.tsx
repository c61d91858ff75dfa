import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';

const FoundQuery = graphql(`
  query ModelsFound($filter: ModelFilter) {
    models(first: 50, filter: $filter) {
      nodes {
        id
        name
        width
      }
    }
  }
`);
const ChosenQuery = graphql(`
  query ModelChosen($id: ID!) {
    node(id: $id) {
      __typename
      ... on Model {
        id
        name
        width
      }
    }
  }
`);
type Found = ResultOf<typeof FoundQuery>['models']['nodes'][number];

interface ModelSelectProps {
  label: string;
  description?: string;
  /** What stands there while none is chosen. */
  placeholder: string;
  /** Which models may be chosen. */
  filter: NonNullable<VariablesOf<typeof FoundQuery>['filter']>;
  /** Why one of them cannot be, after all. */
  refusal?: (model: Found) => string | null;
  value: string | null;
  onChange: (id: string | null) => void;
  /** Whether none is a choice, too. */
  clearable?: boolean;
  error?: string | undefined;
}

const PAUSE_MS = 200;

/** One model of any number, found by name on the server. */
export function ModelSelect({
  filter,
  refusal = () => null,
  value,
  onChange,
  placeholder,
  ...field
}: ModelSelectProps) {
  const [typed, setTyped] = useState('');
  const [{ data: known }] = useQuery({
    query: ChosenQuery,
    variables: { id: value ?? '' },
    pause: value === null,
  });
  const chosen = value !== null && known?.node?.__typename === 'Model' ? known.node : null;
  // The name of the model that is chosen stands in the field, and is no search.
  const [search] = useDebouncedValue(typed === chosen?.name ? '' : typed.trim(), PAUSE_MS);
  const [{ data }] = useQuery({
    query: FoundQuery,
    variables: { filter: { ...filter, search: search || null } },
  });
  const found = data?.models.nodes ?? [];
  const offered = chosen && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found;
  return (
    <Select
      {...field}
      placeholder={placeholder}
      searchable
      allowDeselect={false}
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
      data={offered.map((model) => {
        const why = refusal(model);
        return {
          value: model.id,
          label: why ? `${model.name} (${why})` : model.name,
          disabled: why !== null,
        };
      })}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage={search ? 'None is called so' : 'There is none yet'}
    />
  );
}
