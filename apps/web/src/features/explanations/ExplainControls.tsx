import { Checkbox, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { type ParameterSchema, propertiesOf } from '../../controls/schema';
import { counted } from '../../format/count';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import controls from '../../ui/Controls.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './ExplainControls.module.css';

const SmoothGradQuery = graphql(`
  query SmoothGrad {
    catalog {
      smoothGradParameters
    }
  }
`);

const ExplainAgain = graphql(
  `
  mutation ExplainAgain($input: ExplainInput!) {
    explain(input: $input) {
      explanations {
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
type ExplainInput = VariablesOf<typeof ExplainAgain>['input'];

export type Mode = NonNullable<ExplainInput['mode']>;
type ExplainedClass = NonNullable<ExplainInput['explainedClass']>;

const classesToExplain: Record<ExplainedClass, string> = {
  PREDICTED: 'the predicted label',
  TARGET: 'the target label',
  TRUE: 'the true label',
};

interface ExplainControlsProps {
  outcomeIds: readonly string[];
  /** Of the same samples untransformed: maps are compared with theirs. */
  identityIds: readonly string[];
  mode: Mode;
  onMode: (mode: Mode) => void;
  onAsked: () => void;
}

/** SmoothGrad's settings, and the button that applies them to the samples of the page. */
export function ExplainControls({ outcomeIds, identityIds, mode, onMode, onAsked }: ExplainControlsProps) {
  const [numbers, setNumbers] = useState<Numbers>({});
  const [explainedClass, setExplainedClass] = useState<ExplainedClass>('PREDICTED');
  const [compared, setCompared] = useState(true);
  const [{ data, error, fetching }, explain] = useMutation(ExplainAgain);
  const ids = [...new Set([...outcomeIds, ...(compared ? identityIds : [])])];
  const ask = async () => {
    await explain({ input: { outcomeIds: ids.slice(0, 100), ...numbers, explainedClass, mode } });
    onAsked();
  };
  return (
    <div className={controls.controls} data-size="xs">
      <div>
        <span className={classes.label} id="palette">
          Palette
        </span>
        <SegmentedControl
          size="xs"
          aria-labelledby="palette"
          value={mode}
          onChange={(value) => onMode(value as Mode)}
          data={[
            { value: 'MAGNITUDE', label: 'Magnitude' },
            { value: 'SIGNED', label: 'Signed' },
          ]}
        />
      </div>
      <SmoothGradNumbers values={numbers} onChange={setNumbers} />
      <Select
        size="xs"
        w={170}
        label="Explain"
        allowDeselect={false}
        value={explainedClass}
        onChange={(value) => setExplainedClass(value as ExplainedClass)}
        data={Object.entries(classesToExplain).map(([value, label]) => ({ value, label }))}
      />
      <Checkbox
        size="xs"
        label="untransformed too, to compare"
        checked={compared}
        onChange={(event) => setCompared(event.currentTarget.checked)}
      />
      <ActionButton
        size="xs"
        variant="filled"
        loading={fetching}
        disabled={ids.length === 0 || ids.length > 100}
        onClick={ask}
      >
        Explain {counted(Math.min(ids.length, 100), 'sample')}
      </ActionButton>
      <UserErrorList errors={[...(data?.explain.errors ?? []), ...(error ? [error] : [])]} />
    </div>
  );
}

type Numbers = Pick<ExplainInput, 'copies' | 'noiseLevel'>;

/** What was chosen of them, the catalog's default where nothing was, within the catalog's bounds. */
function SmoothGradNumbers({ values, onChange }: { values: Numbers; onChange: (values: Numbers) => void }) {
  const [{ data }] = useQuery({ query: SmoothGradQuery });
  const schemas = Object.fromEntries(propertiesOf(data?.catalog.smoothGradParameters));
  const field = (name: keyof Numbers) => {
    const { minimum, maximum, default: otherwise }: ParameterSchema = schemas[name] ?? {};
    return {
      size: 'xs',
      w: 90,
      min: minimum,
      max: maximum,
      value: values[name] ?? (otherwise as number | undefined) ?? '',
      onChange: (value: string | number) => onChange({ ...values, [name]: Number(value) }),
    };
  };
  return (
    <>
      <NumberInput {...field('copies')} label="n, copies" />
      <NumberInput {...field('noiseLevel')} label="σ, noise" step={0.05} decimalScale={3} />
    </>
  );
}
