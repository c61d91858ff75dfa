import {
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { ActionButton } from '../components/ActionButton';
import { UserErrorList } from '../components/UserErrorList';
import { UserErrorFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { links } from '../words/links';
import { EstimateLine } from './EstimateLine';
import { errorsByField } from './errorsByField';
import { parseValues } from './parseValues';

const SweepChoices = graphql(`
  query SweepChoices {
    catalog {
      transforms {
        id
        title
        description
        valueName
        unit
        minimum
        maximum
        identity
        defaultValues
      }
    }
  }
`);
type Transform = ResultOf<typeof SweepChoices>['catalog']['transforms'][number];

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

const fields = ['transform', 'target', 'values', 'samples', 'seed'] as const;

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
  return <FilledSweepForm {...props} transforms={data.catalog.transforms} first={first} />;
}

function FilledSweepForm({
  modelId,
  triggerRefusal,
  transforms,
  first,
}: SweepFormProps & { transforms: readonly Transform[]; first: Transform }) {
  const router = useRouter();
  const [{ data, error, fetching }, run] = useMutation(RunSweep);
  const [transform, setTransform] = useState(first);
  const [target, setTarget] = useState<'TRIGGER' | 'IMAGE'>(triggerRefusal ? 'IMAGE' : 'TRIGGER');
  const [values, setValues] = useState(defaultValues(first));
  const [samples, setSamples] = useState<number | string>(1_000);
  const [seed, setSeed] = useState<number | string>(1);
  const [valuesError, setValuesError] = useState<string | null>(null);
  const refusals = errorsByField(data?.runSweep.errors ?? [], fields);

  const count = parseValues(values).values?.length ?? 0;
  const each = Number(samples);
  const [{ data: estimate }] = useQuery({
    query: EstimateQuery,
    variables: { modelId, values: count, samples: each },
    pause: count < 1 || count > 100 || !Number.isInteger(each) || each < 1 || each > 10_000,
  });

  const choose = (id: string | null) => {
    const chosen = transforms.find((one) => one.id === id);
    if (!chosen) return;
    setTransform(chosen);
    setValues(defaultValues(chosen));
    setValuesError(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const parsed = parseValues(values);
    setValuesError(parsed.error);
    if (parsed.error !== null) return;
    const answer = await run({
      input: {
        modelId,
        transform: transform.id,
        target,
        values: parsed.values,
        samples: Number(samples),
        seed: Number(seed),
      },
    });
    const sweep = answer.data?.runSweep.sweep;
    if (sweep) router.push(links.sweep(sweep.id));
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Select
          label="Transform"
          description={transform.description}
          data={transforms.map(({ id, title }) => ({ value: id, label: title }))}
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
          description={`${transform.valueName} of each point, ${transform.minimum} to ${transform.maximum}; ${transform.identity} changes nothing. Prefilled: the usual ones, for translation, scaling and rotation the paper’s.`}
          value={values}
          onChange={(event) => setValues(event.currentTarget.value)}
          error={valuesError ?? refusals.values}
        />
        <Group grow align="flex-start">
          <NumberInput
            label="Samples a point"
            value={samples}
            onChange={setSamples}
            thousandSeparator=","
            allowDecimal={false}
            error={refusals.samples}
          />
          <NumberInput
            label="Seed"
            value={seed}
            onChange={setSeed}
            allowDecimal={false}
            error={refusals.seed}
          />
        </Group>
        <UserErrorList errors={[...refusals.elsewhere, ...(error ? [error] : [])]} />
        <EstimateLine estimate={estimate?.estimateSweep} />
        <ActionButton type="submit" variant="filled" loading={fetching}>
          Run the sweep
        </ActionButton>
      </Stack>
    </form>
  );
}

const defaultValues = (transform: Transform) => transform.defaultValues.join(', ');
