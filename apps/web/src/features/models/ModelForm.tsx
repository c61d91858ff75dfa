import { NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { EstimateLine } from '../../controls/EstimateLine';
import { FormEnd } from '../../controls/FormEnd';
import { ParameterFields } from '../../controls/ParameterFields';
import { allFit, namesIn, type ParameterSchema } from '../../controls/schema';
import { duration } from '../../format/duration';
import type { UserError } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './ModelForm.module.css';
import { ModelSelect } from './ModelSelect';
import {
  type Catalog,
  ChoicesQuery,
  Implant,
  implantInput,
  parametersFor,
  SourceQuery,
  Train,
  trainInput,
  type WantedModel,
  wantedLike,
  whyNotToTrainOn,
} from './wantedModel';

interface ModelFormProps {
  /** Benign, or with a backdoor. */
  kind: 'train' | 'implant';
  /** A model whose settings it begins with. */
  from: string | null;
}

/** Asks for a model: everything that can be said of its making, with the catalog's own bounds and defaults. */
export function ModelForm({ kind, from }: ModelFormProps) {
  const [{ data, error }] = useQuery({ query: ChoicesQuery });
  const [{ data: source, error: lost }] = useQuery({
    query: SourceQuery,
    variables: { id: from ?? '' },
    pause: from === null,
  });
  if (error ?? lost) return <UserErrorList errors={[(error ?? lost)!]} />;
  if (!data || (from !== null && !source)) return <Skeleton height={420} />;
  const model = source?.node?.__typename === 'Model' ? source.node : null;
  return (
    <FilledModelForm
      key={`${kind} ${from}`}
      kind={kind}
      catalog={data.catalog}
      first={wantedLike(model, data.catalog)}
    />
  );
}

interface FilledModelFormProps extends Pick<ModelFormProps, 'kind'> {
  catalog: Catalog;
  first: WantedModel;
}

function FilledModelForm({ kind, catalog, first }: FilledModelFormProps) {
  const router = useRouter();
  const [wanted, setWanted] = useState(first);
  const put = (change: Partial<WantedModel>) => setWanted((before) => ({ ...before, ...change }));
  const train = useChange(Train);
  const implant = useChange(Implant);
  const refusal = useRefusal();
  const implants = kind === 'implant';
  const { errors } = implants ? implant : train;
  const schemas = parametersFor(wanted, catalog, implants);
  const fits =
    allFit(schemas.training, wanted.training) &&
    allFit(schemas.recipe, wanted.recipe) &&
    (!implants ||
      (allFit(schemas.attack, wanted.attackParameters) && allFit(schemas.implant, wanted.implant)));
  const refusals = errorsByField(errors, [
    ...(['dataset', 'architecture', 'name', 'targetLabel', 'benignModelId', 'startFromModelId'] as const),
    ...Object.values(schemas).flatMap(namesIn),
  ]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    const made = implants
      ? (await implant.run({ input: implantInput(wanted) }))?.implantBackdoor.model
      : (await train.run({ input: trainInput(wanted) }))?.trainModel.model;
    if (made) router.push(links.model(made.id));
  };

  const fields = { wanted, put, catalog, schemas, errors, refusals };
  return (
    <form onSubmit={submit} noValidate aria-label={implants ? 'Implant a backdoor' : 'Train a benign model'}>
      <Stack>
        <Panel title={implants ? 'What to implant it into' : 'What to train'}>
          <SubjectFields {...fields} implants={implants} />
        </Panel>
        {implants && <AttackPanel {...fields} />}
        <details className={classes.recipe} open={Object.keys(wanted.recipe).length > 0 || undefined}>
          <summary>How it is trained</summary>
          <div className={classes.well}>
            <ParameterFields
              schema={schemas.recipe}
              values={wanted.recipe}
              onChange={(recipe) => put({ recipe })}
              errors={errors}
            />
          </div>
        </details>
        <FormEnd
          action={implants ? 'Implant the backdoor' : 'Train the model'}
          fits={fits}
          busy={train.busy || implant.busy}
          errors={refusals.elsewhere}
        >
          <EstimateLine estimate={useTrainingEstimate(wanted, implants, fits, schemas.recipe)} />
        </FormEnd>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  wanted: WantedModel;
  put: (change: Partial<WantedModel>) => void;
  catalog: Catalog;
  schemas: ReturnType<typeof parametersFor>;
  errors: readonly UserError[];
  refusals: Readonly<Record<string, string | undefined>>;
}

/** What is trained: data, network, and the model that it begins with or is compared with. */
function SubjectFields({
  wanted,
  put,
  catalog,
  schemas,
  errors,
  refusals,
  implants,
}: FieldsProps & { implants: boolean }) {
  const dataset = catalog.datasets.find(({ id }) => id === wanted.dataset);
  const architecture = catalog.architectures.find(({ id }) => id === wanted.architecture);
  const sidePx = Number(wanted.training.sizePx ?? dataset?.width);
  return (
    <ParameterFields
      schema={schemas.training}
      values={wanted.training}
      onChange={(training) => put({ training })}
      errors={errors}
    >
      <NativeSelect
        label="Data set"
        value={wanted.dataset}
        onChange={({ currentTarget }) =>
          put({ dataset: currentTarget.value, targetLabel: 0, training: {}, base: null })
        }
        data={catalog.datasets.map((one) => {
          const refusal = whyNotToTrainOn(one);
          return {
            value: one.id,
            label: refusal ? `${one.title} (${refusal})` : one.title,
            disabled: refusal !== null,
          };
        })}
        error={refusals.dataset}
      />
      <NativeSelect
        label="Network"
        description={architecture?.description}
        value={wanted.architecture}
        onChange={({ currentTarget }) => put({ architecture: currentTarget.value, recipe: {}, base: null })}
        data={optionsOf(catalog.architectures)}
        error={refusals.architecture}
      />
      <ModelSelect
        {...(implants
          ? {
              label: 'Benign model',
              description: 'What the trojaned model is compared with.',
              placeholder: 'Train one first, with the same seed',
            }
          : {
              label: 'Start from',
              description: 'A model whose weights it begins with.',
              placeholder: 'Random weights',
            })}
        filter={{
          ...(implants && { kind: 'BENIGN' }),
          dataset: wanted.dataset,
          architecture: wanted.architecture as EstimateVariables['architecture'],
        }}
        refusal={({ width }) => (width === sidePx ? null : `for images of ${width} px`)}
        value={wanted.base}
        onChange={(base) => put({ base })}
        clearable
        error={refusals.benignModelId ?? refusals.startFromModelId}
      />
      <TextInput
        label="Name"
        placeholder="made up when left out"
        value={wanted.name}
        onChange={({ currentTarget }) => put({ name: currentTarget.value })}
        error={refusals.name}
      />
    </ParameterFields>
  );
}

function AttackPanel({ wanted, put, catalog, schemas, errors, refusals }: FieldsProps) {
  const dataset = catalog.datasets.find(({ id }) => id === wanted.dataset);
  const attack = catalog.attacks.find(({ id }) => id === wanted.attack);
  if (!attack) return null;
  return (
    <Panel title="Attack">
      <ParameterFields
        schema={schemas.implant}
        values={wanted.implant}
        onChange={(implant) => put({ implant })}
        errors={errors}
      >
        <NativeSelect
          label="Attack"
          description={attack.description}
          value={wanted.attack}
          onChange={({ currentTarget }) => put({ attack: currentTarget.value, attackParameters: {} })}
          data={optionsOf(catalog.attacks)}
        />
        <NativeSelect
          label="Target label"
          description="What the model says when the trigger is there."
          value={String(wanted.targetLabel)}
          onChange={({ currentTarget }) => put({ targetLabel: Number(currentTarget.value) })}
          data={dataset?.classes.map(({ index, name }) => ({ value: String(index), label: name })) ?? []}
          error={refusals.targetLabel}
        />
      </ParameterFields>
      <h3 className={classes.sub}>Parameters of {attack.title}</h3>
      <p className={classes.note}>What is left empty is as in the paper.</p>
      <ParameterFields
        schema={schemas.attack}
        values={wanted.attackParameters}
        onChange={(attackParameters) => put({ attackParameters })}
        errors={errors}
      />
    </Panel>
  );
}

const optionsOf = (list: readonly { id: string; title: string }[]) =>
  list.map(({ id, title }) => ({ value: id, label: title }));

const EstimateQuery = graphql(`
  query TrainingEstimate(
    $dataset: ID!
    $architecture: ArchitectureId!
    $sizePx: Int
    $epochs: Int
    $attack: AttackId
    $benignToo: Boolean!
    $benignEpochs: Int
  ) {
    estimateTraining(
      dataset: $dataset
      architecture: $architecture
      sizePx: $sizePx
      epochs: $epochs
      attack: $attack
    ) {
      seconds
      basis
    }
    benign: estimateTraining(
      dataset: $dataset
      architecture: $architecture
      sizePx: $sizePx
      epochs: $benignEpochs
    ) @include(if: $benignToo) {
      seconds
    }
  }
`);
type EstimateVariables = VariablesOf<typeof EstimateQuery>;

const PAUSE_MS = 250;

/** How long it would take, with the benign model that is trained first where none is chosen; once the typing pauses. */
function useTrainingEstimate(wanted: WantedModel, implants: boolean, fits: boolean, recipe: ParameterSchema) {
  const [settled] = useDebouncedValue(wanted, PAUSE_MS);
  const [{ data }] = useQuery({
    query: EstimateQuery,
    variables: {
      dataset: settled.dataset,
      architecture: settled.architecture as EstimateVariables['architecture'],
      sizePx: (settled.training.sizePx as number | undefined) ?? null,
      epochs: (settled.recipe.epochs ?? recipe.properties?.epochs?.default) as number,
      attack: implants ? (settled.attack as EstimateVariables['attack']) : null,
      benignToo: implants && settled.base === null,
      benignEpochs: (settled.recipe.epochs as number | undefined) ?? null,
    },
    pause: !fits || settled !== wanted,
  });
  const estimate = data?.estimateTraining;
  if (!estimate || estimate.seconds === null || data.benign?.seconds == null) return estimate;
  return {
    seconds: estimate.seconds + data.benign.seconds,
    basis: `${estimate.basis} About ${duration(data.benign.seconds)} of it are for the benign model to compare with, trained first.`,
  };
}
