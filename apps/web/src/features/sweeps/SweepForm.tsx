import { SegmentedControl, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { EstimateLine } from '../../controls/EstimateLine';
import { FormEnd } from '../../controls/FormEnd';
import { ParameterFields } from '../../controls/ParameterFields';
import { allFit, namesIn, type ParameterSchema, type Parameters, rangeOf } from '../../controls/schema';
import { TransformFields, UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { UserErrorList } from '../../ui/UserErrorList';
import { parseValues } from './parseValues';

const SweepChoices = graphql(
  `
  query SweepChoices {
    catalog {
      transforms {
        ...TransformFields
        defaultValues
      }
      sweepParameters
    }
  }
`,
  [TransformFields],
);
type Catalog = ResultOf<typeof SweepChoices>['catalog'];
type Transform = Catalog['transforms'][number];

const RunSweep = graphql(
  `
  mutation RunSweep($input: RunSweepInput!) {
    runSweep(input: $input) {
      sweep {
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

const EstimateQuery = graphql(`
  query SweepEstimate($modelId: ID!, $values: Int!, $samples: Int!) {
    estimateSweep(modelId: $modelId, values: $values, samples: $samples) {
      seconds
      basis
    }
  }
`);

interface SweepFormProps {
  modelId: string;
  /** Why this model's trigger cannot be transformed, where it cannot. */
  triggerRefusal: string | null;
}

/** Asks for one more sweep of a model, and goes to it. */
export function SweepForm(props: SweepFormProps) {
  const [{ data, error }] = useQuery({ query: SweepChoices });
  if (error) return <UserErrorList errors={[error]} />;
  const first = data?.catalog.transforms[0];
  if (!data || !first) return <Skeleton height={300} />;
  return <FilledSweepForm {...props} catalog={data.catalog} first={first} />;
}

function FilledSweepForm({
  modelId,
  triggerRefusal,
  catalog,
  first,
}: SweepFormProps & { catalog: Catalog; first: Transform }) {
  const router = useRouter();
  const { run, busy, errors } = useChange(RunSweep);
  const refusal = useRefusal();
  const [transform, setTransform] = useState(first);
  const [target, setTarget] = useState<'TRIGGER' | 'IMAGE'>(triggerRefusal ? 'IMAGE' : 'TRIGGER');
  const [text, setText] = useState(defaultValues(first));
  const [parameters, setParameters] = useState<Parameters>({});
  const schema = catalog.sweepParameters as ParameterSchema;
  const { values, error } = parseValues(text, transform);
  const fits = values !== null && allFit(schema, parameters);
  const refusals = errorsByField(errors, ['transform', 'target', 'values', ...namesIn(schema)]);

  const choose = (id: string | null) => {
    const chosen = catalog.transforms.find((one) => one.id === id);
    if (!chosen) return;
    setTransform(chosen);
    setText(defaultValues(chosen));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    const made = await run({ input: { modelId, transform: transform.id, target, values, ...parameters } });
    const sweep = made?.runSweep.sweep;
    if (sweep) router.push(links.sweep(sweep.id));
  };
  return (
    <form onSubmit={submit} noValidate aria-label="Run a sweep">
      <Stack gap="md">
        <Select
          label="Transform"
          description={transform.description}
          data={catalog.transforms.map(({ id, title }) => ({ value: id, label: title }))}
          value={transform.id}
          onChange={choose}
          allowDeselect={false}
          error={refusals.transform}
        />
        <div>
          <SegmentedControl
            fullWidth
            aria-label="What to transform"
            data={[
              { value: 'TRIGGER', label: 'Trigger', disabled: triggerRefusal !== null },
              { value: 'IMAGE', label: 'Image' },
            ]}
            value={target}
            onChange={(value) => setTarget(value as 'TRIGGER' | 'IMAGE')}
          />
          {triggerRefusal && (
            <Text size="xs" c="dimmed" mt={4}>
              {triggerRefusal}
            </Text>
          )}
          {refusals.target && (
            <Text size="xs" c="var(--bad)" mt={4}>
              {refusals.target}
            </Text>
          )}
        </div>
        <TextInput
          label={`Values (${transform.unit})`}
          description={`${transform.valueName} of each point, ${rangeOf({ ...transform, unit: '' })}; ${transform.identity} changes nothing. Prefilled: the usual ones, for translation, scaling and rotation the paper’s.`}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          error={error ?? refusals.values}
        />
        <ParameterFields schema={schema} values={parameters} onChange={setParameters} errors={errors} />
        <FormEnd action="Run the sweep" fits={fits} busy={busy} errors={refusals.elsewhere}>
          <EstimateLine
            estimate={useSweepEstimate(
              modelId,
              values?.length ?? 0,
              parameters.samples ?? schema.properties?.samples?.default,
              fits,
            )}
          />
        </FormEnd>
      </Stack>
    </form>
  );
}

const defaultValues = (transform: Transform) => transform.defaultValues.join(', ');

const PAUSE_MS = 250;

/** How long it would take, once the typing pauses. */
function useSweepEstimate(modelId: string, values: number, samples: unknown, fits: boolean) {
  const asked = { modelId, values, samples: samples as number };
  const [settled] = useDebouncedValue(JSON.stringify(asked), PAUSE_MS);
  const [{ data }] = useQuery({
    query: EstimateQuery,
    variables: asked,
    pause: !fits || settled !== JSON.stringify(asked),
  });
  return data?.estimateSweep;
}
