import { NativeSelect, NumberInput, Skeleton, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../components/ActionButton';
import { Panel } from '../components/Panel';
import { Stack } from '../components/Stack';
import { UserErrorList } from '../components/UserErrorList';
import { UserErrorFields } from '../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { useChange } from '../graphql/useChange';
import { useRefusal } from '../graphql/viewer';
import { links } from '../words/links';
import { EstimateLine } from './EstimateLine';
import { errorsByField } from './errorsByField';
import classes from './ModelForm.module.css';
import { ParameterFields } from './ParameterFields';
import { allFit, type Parameters } from './schema';

const ChoicesQuery = graphql(`
  query ModelFormChoices {
    catalog {
      attacks {
        id
        title
        description
        parameters
        poisonRate
      }
      datasets {
        id
        title
        width
        height
        resizable
        installed
        classes {
          index
          name
        }
      }
      architectures {
        id
        title
        description
        recipe
      }
    }
    models(first: 100, filter: { kind: BENIGN }) {
      nodes {
        id
        name
        width
        dataset {
          id
        }
        architecture {
          id
        }
      }
    }
  }
`);
type Choices = ResultOf<typeof ChoicesQuery>;

const SourceQuery = graphql(`
  query CloneOf($id: ID!) {
    node(id: $id) {
      __typename
      ... on Model {
        id
        name
        width
        dataset {
          id
          resizable
        }
        architecture {
          id
        }
        attack {
          id
        }
        attackParameters
        targetLabel {
          index
        }
        poison {
          rate
        }
        benign {
          id
        }
        training {
          recipe
        }
        provenance {
          seed
          start
        }
      }
    }
  }
`);
type Source = Extract<ResultOf<typeof SourceQuery>['node'], { __typename: 'Model' }>;

const Train = graphql(
  `
  mutation Train($input: TrainModelInput!) {
    trainModel(input: $input) {
      model {
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

const Implant = graphql(
  `
  mutation Implant($input: ImplantBackdoorInput!) {
    implantBackdoor(input: $input) {
      model {
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
type ImplantInput = VariablesOf<typeof Implant>['input'];

const EstimateQuery = graphql(`
  query TrainingEstimate($dataset: ID!, $architecture: ArchitectureId!, $sizePx: Int, $epochs: Int, $attack: AttackId) {
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
  }
`);

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
  return <FilledModelForm key={`${kind} ${from}`} kind={kind} choices={data} source={model} />;
}

/** What stands in the form, of which only what was given is sent. */
interface Wanted {
  dataset: string;
  architecture: string;
  sizePx: number | string;
  seed: number | string;
  name: string;
  recipe: Parameters;
  attack: string;
  parameters: Parameters;
  targetLabel: string;
  poisonRate: number | string;
  benignModelId: string;
  startFromBenign: boolean;
}

function begin({ catalog }: Choices, source: Source | null): Wanted {
  const installed = catalog.datasets.find((dataset) => dataset.installed) ?? catalog.datasets[0];
  return {
    dataset: source?.dataset.id ?? installed?.id ?? '',
    architecture: source?.architecture.id ?? catalog.architectures[0]?.id ?? '',
    sizePx: source?.dataset.resizable ? source.width : '',
    seed: source?.provenance.seed ?? 1,
    name: source ? `${source.name}, again` : '',
    recipe: (source?.training.recipe ?? {}) as Parameters,
    attack: source?.attack?.id ?? catalog.attacks[0]?.id ?? '',
    parameters: (source?.attackParameters ?? {}) as Parameters,
    targetLabel: String(source?.targetLabel?.index ?? 0),
    poisonRate: source?.poison?.rate ?? '',
    benignModelId: source?.benign?.id ?? '',
    startFromBenign: source?.attack != null && source.provenance.start === 'MODEL',
  };
}

const orNull = (value: number | string): number | null => (value === '' ? null : Number(value));
const FIELDS = [
  'name',
  'dataset',
  'architecture',
  'sizePx',
  'seed',
  'targetLabel',
  'poisonRate',
  'benignModelId',
] as const;

function FilledModelForm({
  kind,
  choices,
  source,
}: Pick<ModelFormProps, 'kind'> & { choices: Choices; source: Source | null }) {
  const router = useRouter();
  const { catalog, models } = choices;
  const [wanted, setWanted] = useState(() => begin(choices, source));
  const put = (change: Partial<Wanted>) => setWanted((before) => ({ ...before, ...change }));
  const trained = useChange(Train);
  const implanted = useChange(Implant);
  const refusal = useRefusal();
  const dataset = catalog.datasets.find(({ id }) => id === wanted.dataset);
  const architecture = catalog.architectures.find(({ id }) => id === wanted.architecture);
  const attack = catalog.attacks.find(({ id }) => id === wanted.attack);
  const implant = kind === 'implant';
  const busy = trained.busy || implanted.busy;
  const errors = implant ? implanted.errors : trained.errors;
  const parameterErrors = errors.filter(({ field }) => field.includes('attack') || field.includes('recipe'));
  const refusals = errorsByField(
    errors.filter((error) => !parameterErrors.includes(error)),
    FIELDS,
  );
  const side = wanted.sizePx === '' ? dataset?.width : Number(wanted.sizePx);
  const benign = models.nodes.filter(
    (model) =>
      model.dataset.id === wanted.dataset &&
      model.architecture.id === wanted.architecture &&
      model.width === side,
  );
  const fits =
    allFit(architecture?.recipe, wanted.recipe) &&
    (!implant || allFit(attack?.parameters, wanted.parameters));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    const common = {
      dataset: wanted.dataset,
      architecture: wanted.architecture as ImplantInput['architecture'],
      sizePx: dataset?.resizable ? orNull(wanted.sizePx) : null,
      seed: Number(wanted.seed),
      name: wanted.name.trim() || null,
      recipe: wanted.recipe,
    };
    const made = implant
      ? (
          await implanted.run({
            input: {
              ...common,
              attack: { [wanted.attack]: wanted.parameters } as unknown as ImplantInput['attack'],
              targetLabel: Number(wanted.targetLabel),
              poisonRate: orNull(wanted.poisonRate),
              benignModelId: benign.some(({ id }) => id === wanted.benignModelId)
                ? wanted.benignModelId
                : null,
              startFromBenign: wanted.startFromBenign,
            },
          })
        )?.implantBackdoor.model
      : (await trained.run({ input: common }))?.trainModel.model;
    if (made) router.push(links.model(made.id));
  };

  return (
    <form onSubmit={submit} aria-label={implant ? 'Implant a backdoor' : 'Train a benign model'}>
      <Stack>
        <Panel title={implant ? 'What to implant it into' : 'What to train'}>
          <div className={classes.fields}>
            <NativeSelect
              label="Data set"
              value={wanted.dataset}
              onChange={({ currentTarget }) =>
                put({ dataset: currentTarget.value, targetLabel: '0', sizePx: '', benignModelId: '' })
              }
              data={catalog.datasets.map(({ id, title, installed }) => ({
                value: id,
                label: installed ? title : `${title} (not imported)`,
                disabled: !installed,
              }))}
              error={refusals.dataset}
            />
            <NativeSelect
              label="Network"
              description={architecture?.description}
              value={wanted.architecture}
              onChange={({ currentTarget }) =>
                put({ architecture: currentTarget.value, recipe: {}, benignModelId: '' })
              }
              data={catalog.architectures.map(({ id, title }) => ({ value: id, label: title }))}
              error={refusals.architecture}
            />
            {dataset?.resizable && (
              <NumberInput
                label="Side of the images (px)"
                placeholder={String(dataset.width)}
                value={wanted.sizePx}
                onChange={(sizePx) => put({ sizePx })}
                allowDecimal={false}
                error={refusals.sizePx}
              />
            )}
            {implant && (
              <NativeSelect
                label="Benign model"
                description="What the trojaned model is compared with"
                value={wanted.benignModelId}
                onChange={({ currentTarget }) => put({ benignModelId: currentTarget.value })}
                data={[
                  { value: '', label: 'Train one first, with the same seed' },
                  ...benign.map(({ id, name }) => ({ value: id, label: name })),
                ]}
                error={refusals.benignModelId}
              />
            )}
            <NumberInput
              label="Seed"
              value={wanted.seed}
              onChange={(seed) => put({ seed })}
              allowDecimal={false}
              error={refusals.seed}
            />
            <TextInput
              label="Name"
              placeholder="made up when left out"
              value={wanted.name}
              onChange={({ currentTarget }) => put({ name: currentTarget.value })}
              error={refusals.name}
            />
          </div>
        </Panel>
        {implant && attack && (
          <Panel title="Attack">
            <div className={classes.fields}>
              <NativeSelect
                label="Attack"
                description={attack.description}
                value={wanted.attack}
                onChange={({ currentTarget }) => put({ attack: currentTarget.value, parameters: {} })}
                data={catalog.attacks.map(({ id, title }) => ({ value: id, label: title }))}
              />
              <NativeSelect
                label="Target label"
                description="What the model says when the trigger is there"
                value={wanted.targetLabel}
                onChange={({ currentTarget }) => put({ targetLabel: currentTarget.value })}
                data={
                  dataset?.classes.map(({ index, name }) => ({ value: String(index), label: name })) ?? []
                }
                error={refusals.targetLabel}
              />
              <NumberInput
                label="Poison rate (0–1)"
                description="Share of the training images that get the trigger, above 0 to 0.9"
                placeholder={`${attack.poisonRate} (the paper’s)`}
                value={wanted.poisonRate}
                onChange={(poisonRate) => put({ poisonRate })}
                hideControls
                error={refusals.poisonRate}
              />
              <Switch
                label="Retrain the benign model"
                description="Start from its weights instead of from random ones"
                checked={wanted.startFromBenign}
                onChange={({ currentTarget }) => put({ startFromBenign: currentTarget.checked })}
              />
            </div>
            <h3 className={classes.sub}>Parameters of {attack.title}</h3>
            <p className={classes.note}>What is left empty is as in the paper.</p>
            <ParameterFields
              schema={attack.parameters}
              values={wanted.parameters}
              onChange={(parameters) => put({ parameters })}
              errors={parameterErrors.filter(({ field }) => field.includes('attack'))}
            />
          </Panel>
        )}
        {architecture && (
          <details className={classes.recipe} open={Object.keys(wanted.recipe).length > 0 || undefined}>
            <summary>How it is trained</summary>
            <div className={classes.well}>
              <ParameterFields
                schema={architecture.recipe}
                values={wanted.recipe}
                onChange={(recipe) => put({ recipe })}
                errors={parameterErrors.filter(({ field }) => field.includes('recipe'))}
              />
            </div>
          </details>
        )}
        <div className={classes.end}>
          <UserErrorList errors={refusals.elsewhere} />
          <TrainingEstimate wanted={wanted} implant={implant} />
          <ActionButton
            type="submit"
            variant="filled"
            loading={busy}
            refusal={fits ? null : 'Mend what is marked above first.'}
          >
            {implant ? 'Implant the backdoor' : 'Train the model'}
          </ActionButton>
        </div>
      </Stack>
    </form>
  );
}

const PAUSE_MS = 250;

function TrainingEstimate({ wanted, implant }: { wanted: Wanted; implant: boolean }) {
  const epochs = Number(wanted.recipe.epochs);
  const [{ dataset, architecture, sizePx, attack, epochs: asked }] = useDebouncedValue(
    { ...wanted, epochs },
    PAUSE_MS,
  );
  const [{ data }] = useQuery({
    query: EstimateQuery,
    variables: {
      dataset,
      architecture: architecture as ImplantInput['architecture'],
      sizePx: orNull(sizePx),
      epochs: Number.isInteger(asked) && asked > 0 && asked <= 200 ? asked : null,
      attack: implant ? (attack as VariablesOf<typeof EstimateQuery>['attack']) : null,
    },
  });
  return <EstimateLine estimate={data?.estimateTraining} />;
}
