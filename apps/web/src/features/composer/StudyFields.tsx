import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { capital, rangeOf, wrongWith } from '../../controls/schema';
import { Panel } from '../../ui/Panel';
import classes from './Composer.module.css';
import { parameterOf, useComposing, useRefusalAt } from './composing';
import { TextOnly } from './parts';
import { SeveralField } from './SeveralField';

const SEED = { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 1 };
const LABEL = { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 0 };
const EXPLANATIONS = { type: 'integer', minimum: 0, maximum: 1_000, default: 0 };

const SHOWN = [
  ...['title', 'description', 'seeds', 'samples', 'targetLabel', 'explanations', 'reproducesPaper'],
  ...['models', 'sweeps', 'detectors'],
];

/** What holds for the whole study. */
export function StudyFields() {
  const { values, catalog, put } = useComposing();
  return (
    <Panel title="The study">
      <div className={classes.wide}>
        <TextInput
          label="Title"
          value={textOf(values.title)}
          onChange={({ currentTarget }) => put(['title'], currentTarget.value)}
          error={useRefusalAt(['title'])}
        />
        <Textarea
          label="Description"
          value={textOf(values.description)}
          onChange={({ currentTarget }) => put(['description'], currentTarget.value || undefined)}
          autosize
          minRows={1}
          maxRows={6}
          error={useRefusalAt(['description'])}
        />
      </div>
      <div className={classes.fields}>
        <SeveralField
          label="Seeds"
          description="Each runs all of it."
          schema={SEED}
          path={['seeds']}
          value={values.seeds}
          list
        />
        <NumberField
          name="samples"
          label="Samples"
          description="Test images at each value of a sweep, and of each kind for a detector."
          schema={parameterOf(catalog.sweepParameters, 'samples')}
        />
        <NumberField
          name="targetLabel"
          label="Target label"
          description="What backdoors make models say, where an attack says nothing else."
          schema={LABEL}
        />
        <NumberField
          name="explanations"
          label="Explanations"
          description="Explained samples of each trojaned model."
          schema={EXPLANATIONS}
        />
        <Switch
          label="Beside the paper"
          description="The report sets the paper’s numbers and statements beside its own."
          checked={values.reproducesPaper === true}
          onChange={({ currentTarget }) => put(['reproducesPaper'], currentTarget.checked || undefined)}
          error={useRefusalAt(['reproducesPaper'])}
        />
      </div>
      <TextOnly values={values} shown={SHOWN} path={[]} />
    </Panel>
  );
}

const textOf = (value: unknown) => (value === undefined || value === null ? '' : String(value));

interface NumberFieldProps {
  name: string;
  label: string;
  description: string;
  schema: ReturnType<typeof parameterOf>;
}

function NumberField({ name, label, description, schema }: NumberFieldProps) {
  const { values, put } = useComposing();
  const refused = useRefusalAt([name]);
  const range = rangeOf({ ...schema, unit: undefined } as typeof schema);
  return (
    <NumberInput
      label={label}
      description={[description, range && `${capital(range)}.`].filter(Boolean).join(' ')}
      placeholder={String(schema.default ?? '')}
      value={(values[name] as number | undefined) ?? ''}
      onChange={(next) => put([name], next === '' ? undefined : next)}
      allowDecimal={false}
      clampBehavior="none"
      error={wrongWith(schema, values[name]) ?? refused}
    />
  );
}
