import { Checkbox, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { type Parameters, propertiesOf, titleOf, valueText } from '../../controls/schema';
import { counted } from '../../format/count';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import controls from '../../ui/Controls.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './ExplainControls.module.css';

const ExplainersQuery = graphql(`
  query Explainers {
    catalog {
      explainers {
        id
        title
        description
        parameters
      }
    }
  }
`);

/** The methods there are; none before they are known. */
export const useExplainers = () => useQuery({ query: ExplainersQuery })[0].data?.catalog.explainers ?? [];

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

/** The method whose palettes and numbers have words of their own here. */
export const SMOOTHGRAD = 'smoothGrad';

/** A method of the catalog's as input: its name is one of those that the schema knows. */
export const methodInput = (id: string, parameters: Parameters) =>
  ({ [id]: parameters }) as unknown as NonNullable<ExplainInput['method']>;

/** Which maps are looked at: a method's, and of SmoothGrad those of a palette. */
export interface Look {
  method: string;
  mode: Mode;
}

interface ExplainControlsProps {
  outcomeIds: readonly string[];
  /** Of the same samples untransformed: maps are compared with theirs. */
  identityIds: readonly string[];
  look: Look;
  onLook: (look: Look) => void;
  onAsked: () => void;
}

/** A method's settings, and the button that applies them to the samples of the page. */
export function ExplainControls({ outcomeIds, identityIds, look, onLook, onAsked }: ExplainControlsProps) {
  const { method, mode } = look;
  const explainers = useExplainers();
  // Each method's own, so that nothing is lost on the way from one to another and back.
  const [chosen, setChosen] = useState<Record<string, Parameters>>({});
  const parameters = chosen[method] ?? {};
  const schema = explainers.find(({ id }) => id === method)?.parameters;
  const [explainedClass, setExplainedClass] = useState<ExplainedClass>('PREDICTED');
  const [compared, setCompared] = useState(true);
  const [{ data, error, fetching }, explain] = useMutation(ExplainAgain);
  const ids = [...new Set([...outcomeIds, ...(compared ? identityIds : [])])];
  const ask = async () => {
    const own = method === SMOOTHGRAD ? { ...parameters, mode } : parameters;
    const input = { outcomeIds: ids.slice(0, 100), explainedClass, method: methodInput(method, own) };
    await explain({ input });
    onAsked();
  };
  return (
    <div className={controls.controls} data-size="xs">
      <Select
        size="xs"
        w={180}
        label="Method"
        allowDeselect={false}
        value={method}
        onChange={(id) => onLook({ ...look, method: id ?? SMOOTHGRAD })}
        data={explainers.map(({ id, title }) => ({ value: id, label: title }))}
      />
      {method === SMOOTHGRAD && (
        <div>
          <span className={classes.label} id="palette">
            Palette
          </span>
          <SegmentedControl
            size="xs"
            aria-labelledby="palette"
            value={mode}
            onChange={(value) => onLook({ ...look, mode: value as Mode })}
            data={[
              { value: 'MAGNITUDE', label: 'Magnitude' },
              { value: 'SIGNED', label: 'Signed' },
            ]}
          />
        </div>
      )}
      <MethodFields
        schema={schema}
        values={parameters}
        onChange={(values) => setChosen({ ...chosen, [method]: values })}
      />
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

/** Those that a control of its own decides, or nobody turns. */
const ELSEWHERE = ['mode', 'seed'];
/** SmoothGrad's in the letters of its paper. */
const LETTERS: Readonly<Record<string, string>> = { copies: 'n, copies', noiseLevel: 'σ, noise' };

interface MethodFieldsProps {
  schema: unknown;
  /** Only what was given; everything else is the default. */
  values: Parameters;
  onChange: (values: Parameters) => void;
}

/** A small field for each parameter of a method, within the catalog's bounds. */
function MethodFields({ schema, values, onChange }: MethodFieldsProps) {
  return propertiesOf(schema)
    .filter(([name]) => !ELSEWHERE.includes(name))
    .map(([name, { minimum, maximum, type, enum: words, default: otherwise, description }]) => {
      const label = LETTERS[name] ?? titleOf(name);
      const put = (value: unknown) => onChange({ ...values, [name]: value });
      const value = values[name] ?? otherwise;
      return words ? (
        <Select
          key={name}
          size="xs"
          w={120}
          label={label}
          title={description}
          allowDeselect={false}
          value={value as string}
          onChange={put}
          data={words.map((word) => ({ value: word, label: valueText(word).toLowerCase() }))}
        />
      ) : (
        <NumberInput
          key={name}
          size="xs"
          w={90}
          label={label}
          title={description}
          min={minimum}
          max={maximum}
          step={type === 'integer' ? 1 : 0.05}
          decimalScale={type === 'integer' ? 0 : 3}
          value={value as number}
          onChange={(next) => put(Number(next))}
        />
      );
    });
}
