import { adapted, type ParameterSchema, type Parameters } from '../../controls/schema';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';

/** What there is to choose from. */
export const ChoicesQuery = graphql(`
  query ModelFormChoices {
    catalog {
      attacks {
        id
        title
        description
        parameters
        poisonRate
        coverRatio
      }
      transforms {
        id
        minimum
        maximum
        unit
      }
      datasets {
        id
        title
        width
        resizable
        installed
        trainCount
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
        retrainingRecipe
      }
      trainingParameters
      implantParameters
    }
  }
`);
export type Catalog = ResultOf<typeof ChoicesQuery>['catalog'];

/** All that was said of a model's making. */
export const SourceQuery = graphql(`
  query CloneOf($id: ID!) {
    node(id: $id) {
      __typename
      ... on Model {
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
          covers {
            ratio
          }
        }
        trainingTransforms {
          target
          transforms {
            transform {
              id
            }
            from
            to
          }
        }
        benign {
          id
        }
        startedFrom {
          id
        }
        training {
          recipe
        }
        normalization {
          mean
          std
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

/** What stands in the form; of parameters only those that were given. */
export interface WantedModel {
  dataset: string;
  architecture: string;
  /** The model it is compared with, or starts from. */
  base: string | null;
  name: string;
  training: Parameters;
  recipe: Parameters;
  /** As the model that is made again has it. */
  normalization: { mean: number[]; std: number[] } | null;
  attack: string;
  attackParameters: Parameters;
  targetLabel: number;
  implant: Parameters;
}

/** In a few words; null for a data set that can be trained on. */
export function whyNotToTrainOn({ installed, trainCount }: Catalog['datasets'][number]): string | null {
  if (!installed) return 'not imported';
  return trainCount === 0 ? 'test images alone' : null;
}

/** What the form begins with: a model's settings, or defaults. */
export function wantedLike(source: Source | null, catalog: Catalog): WantedModel {
  const dataset = catalog.datasets.find((one) => whyNotToTrainOn(one) === null) ?? catalog.datasets[0];
  const fresh = {
    dataset: dataset?.id ?? '',
    architecture: catalog.architectures[0]?.id ?? '',
    base: null,
    name: '',
    training: {},
    recipe: {},
    normalization: null,
    attack: catalog.attacks[0]?.id ?? '',
    attackParameters: {},
    targetLabel: 0,
    implant: {},
  };
  if (!source) return fresh;
  const { width, attack, poison, trainingTransforms, provenance } = source;
  return {
    ...fresh,
    dataset: source.dataset.id,
    // An imported network is not trained here: the form begins with one that is.
    ...(catalog.architectures.some(({ id }) => id === source.architecture.id) && {
      architecture: source.architecture.id,
    }),
    base: (source.benign ?? source.startedFrom)?.id ?? null,
    name: `${source.name}, again`,
    training: { seed: provenance.seed, ...(source.dataset.resizable && { sizePx: width }) },
    recipe: source.training.recipe as Parameters,
    normalization: source.normalization,
    ...(attack && {
      attack: attack.id,
      attackParameters: given(source.attackParameters as Parameters),
      targetLabel: source.targetLabel?.index ?? 0,
      implant: {
        poisonRate: poison?.rate,
        coverRatio: poison?.covers?.ratio,
        trainingTransforms: trainingTransforms
          ? {
              target: trainingTransforms.target,
              transforms: trainingTransforms.transforms.map(({ transform: { id }, from, to }) => ({
                transform: id,
                from,
                to,
              })),
            }
          : undefined,
        startFromBenign: provenance.start === 'MODEL' || undefined,
      },
    }),
  };
}

/** Without files that were none: an empty path is refused. */
const given = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));

/** The parameters that a choice leaves, with the defaults that follow from it. */
export function parametersFor(
  wanted: WantedModel,
  catalog: Catalog,
  implants: boolean,
): Record<'training' | 'recipe' | 'attack' | 'implant', ParameterSchema> {
  const dataset = catalog.datasets.find(({ id }) => id === wanted.dataset);
  const attack = catalog.attacks.find(({ id }) => id === wanted.attack);
  const architecture = catalog.architectures.find(({ id }) => id === wanted.architecture);
  const retrains = implants ? wanted.implant.startFromBenign : wanted.base !== null;
  return {
    training: adapted(catalog.trainingParameters, {
      sizePx: dataset?.resizable ? { default: dataset.width } : null,
    }),
    recipe: (retrains ? architecture?.retrainingRecipe : architecture?.recipe) as ParameterSchema,
    attack: attack?.parameters as ParameterSchema,
    implant: withRanges(
      adapted(catalog.implantParameters, {
        poisonRate: { default: attack?.poisonRate },
        coverRatio: { default: attack?.coverRatio },
      }),
      catalog,
    ),
  };
}

/** Transforms at training, with the values that each takes. */
function withRanges({ properties = {} }: ParameterSchema, { transforms }: Catalog): ParameterSchema {
  const { trainingTransforms: group, ...others } = properties;
  if (!group?.properties?.transforms) return { properties };
  const ranges = Object.fromEntries(transforms.map(({ id, ...range }) => [id, range]));
  const list = { ...group.properties.transforms, ranges };
  return {
    properties: {
      ...others,
      trainingTransforms: { ...group, properties: { ...group.properties, transforms: list } },
    },
  };
}

export const Train = graphql(
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

export const Implant = graphql(
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
type TrainInput = VariablesOf<typeof Train>['input'];
type ImplantInput = VariablesOf<typeof Implant>['input'];

export const trainInput = ({
  dataset,
  architecture,
  base,
  name,
  training,
  recipe,
  normalization,
}: WantedModel): TrainInput => ({
  dataset,
  architecture: architecture as TrainInput['architecture'],
  startFromModelId: base,
  name: name.trim() || null,
  ...training,
  recipe,
  ...(normalization && { normalization }),
});

export function implantInput(wanted: WantedModel): ImplantInput {
  const { startFromModelId: benignModelId, ...common } = trainInput(wanted);
  return {
    ...common,
    benignModelId,
    attack: { [wanted.attack]: wanted.attackParameters } as unknown as ImplantInput['attack'],
    targetLabel: wanted.targetLabel,
    ...wanted.implant,
  };
}
