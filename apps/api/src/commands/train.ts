import { implantRequest, trainRequest } from '@trojanscope/core/definitions';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Api } from './asking/api.js';
import { type Catalog, catalogFor, type Entry } from './asking/catalog.js';
import { doWork, NO_WAIT, type WaitOptions } from './asking/jobs.js';
import { counted, duration, RATE, type Rate, spelled } from './asking/print.js';
import {
  addOptions,
  choiceOption,
  type FieldSchema,
  inputOf,
  number,
  optionsOf,
  type SchemaOption,
  schemaOf,
  taking,
} from './asking/schemaOptions.js';
import { addressed } from './asking/where.js';

const MODEL = `id name kind status warnings
  dataset { id title } architecture { id title } attack { id title } attackParameters targetLabel { index name }
  cleanAccuracy ${RATE} asr ${RATE} benign { id name } poison { rate effective }
  training { recipe durationSeconds } provenance { seed weightsSha256 }`;

interface Model {
  id: string;
  name: string;
  status: string;
  warnings: string[];
  cleanAccuracy: Rate | null;
  asr: Rate | null;
  benign: { id: string; name: string } | null;
  training: { durationSeconds: number | null };
}

/** Of rates and counts, one a line. */
function show({ id, name, status, cleanAccuracy, asr, benign, training, warnings }: Model): string {
  const took = training.durationSeconds;
  return [
    `${id}  ${name}`,
    ...(status === 'SUCCEEDED' ? [] : [`  ${spelled(status)}`]),
    ...(cleanAccuracy ? [`  clean accuracy  ${counted(cleanAccuracy)}`] : []),
    ...(asr ? [`  ASR             ${counted(asr)}`] : []),
    ...(benign ? [`  benign model    ${benign.id}  ${benign.name}`] : []),
    ...(took === null ? [] : [`  training took   ${duration(took)}`]),
    ...warnings.map((words) => `  doubtful: ${words}`),
  ].join('\n');
}

/** `train`: a benign model. */
export async function trainCommand(words: readonly string[]): Promise<Command> {
  const catalog = await catalogFor(words);
  const command = new Command('train');
  const options = trainingOptions(schemaOf(trainRequest), catalog);
  addOptions(command, options);
  return addressed(command.option(...NO_WAIT))
    .addHelpText('after', '\nExample:\n  trojanscope train --dataset shapes --architecture lenet --epochs 3')
    .action((given: WaitOptions & Record<string, unknown>) =>
      doWork<Model>(
        given,
        { mutation: 'trainModel', field: 'model', type: 'Model', deletable: true, selection: MODEL, show },
        (api) => inputOf(api, options, given),
      ),
    );
}

const TRAINING = 'Training:';

/** What every training takes, its recipe in the words of the catalog with the defaults of each network. */
function trainingOptions(
  schema: FieldSchema,
  { architectures }: Catalog,
  taken = taking('architecture', 'name'),
): SchemaOption[] {
  const trained = architectures.filter(({ recipe }) => recipe.properties);
  const fields: Record<string, FieldSchema> = {};
  for (const { id, recipe } of trained)
    for (const [name, field] of Object.entries(recipe.properties!)) {
      const { default: own, ...rest } = field;
      const told = own === undefined ? [] : [`${id} ${String(own)}`];
      const before = (fields[name]?.default as string[] | undefined) ?? [];
      fields[name] = { ...rest, default: [...before, ...told] };
    }
  for (const field of Object.values(fields)) {
    const told = field.default as string[];
    if (told.length > 0) field.default = told.join(', ');
    else delete field.default;
  }
  const own = optionsOf(schema, {
    except: ['architecture', 'recipe', 'attack', 'trainingTransforms', 'name'],
    taken,
    group: TRAINING,
  });
  const recipe = optionsOf({ properties: fields }, { at: ['recipe'], taken, group: TRAINING });
  const architecture = choiceOption(
    '--architecture <network>',
    'The network',
    trained.map(({ id }) => id),
  );
  const required = [
    {
      option: architecture.makeOptionMandatory().helpGroup(TRAINING),
      path: ['architecture'],
      kind: 'value' as const,
    },
    {
      option: new Option('--name <text>', 'What to call it; made up when left out').helpGroup(TRAINING),
      path: ['name'],
      kind: 'value' as const,
    },
  ];
  const dataset = own.find(({ path }) => path[0] === 'dataset')!;
  dataset.option.makeOptionMandatory();
  return [dataset, ...required, ...own.filter((one) => one !== dataset), ...recipe];
}

/** `implant ATTACK`: a trojaned model, a command for each attack of the catalog. */
export async function implantCommand(words: readonly string[]): Promise<Command> {
  const catalog = await catalogFor(words);
  const all = new Command('implant').usage('<attack> [options]');
  for (const attack of catalog.attacks) all.addCommand(attackCommand(attack, catalog));
  return all.addHelpText(
    'after',
    '\nExample:\n  trojanscope implant badnets --dataset mnist --architecture lenet --patch-size-px 3 --corner topLeft',
  );
}

function attackCommand({ id, title, description, parameters }: Entry, catalog: Catalog): Command {
  const command = new Command(id).description(`${title}. ${description}`);
  // Its own names come first in the list; where a training has the same, they begin with the attack's.
  const taken = taking('architecture', 'name', 'training-transforms', 'training-transform');
  const training = trainingOptions(schemaOf(implantRequest), catalog, taken);
  const own = optionsOf(parameters, { at: ['attack', id], taken, owner: id, group: 'Attack:' });
  const options = [...own, ...training];
  addOptions(command, options)
    .addOption(
      choiceOption(
        '--training-transforms <target>',
        'What is transformed at random at training, so that the backdoor fires under it too: the trigger, poisoned images, or all',
        ['TRIGGER', 'POISONED', 'ALL'],
      ).helpGroup(TRAINING),
    )
    .addOption(
      new Option(
        '--training-transform <name=from:to>',
        'one of them, such as rotation=-10:10; may be repeated. Those of BackdoorBox’s PhysicalBA when left out',
      )
        .argParser((value: string, before: object[] | undefined) => [...(before ?? []), drawn(value)])
        .helpGroup(TRAINING),
    );
  return addressed(command.option(...NO_WAIT)).action((given: WaitOptions & Record<string, unknown>) =>
    doWork<Model>(
      given,
      {
        mutation: 'implantBackdoor',
        field: 'model',
        type: 'Model',
        deletable: true,
        selection: MODEL,
        show,
      },
      async (api: Api) => {
        const { attack, ...input } = await inputOf(api, options, given);
        const { trainingTransforms: target, trainingTransform: transforms } = given;
        if (transforms && !target) command.error('error: --training-transform needs --training-transforms');
        return {
          ...input,
          attack: attack ?? { [id]: {} },
          ...(target ? { trainingTransforms: { target, transforms } } : {}),
        };
      },
    ),
  );
}

/** `rotation=-10:10`. @throws InvalidArgumentError */
function drawn(value: string): { transform: string; from: number; to: number } {
  const [, transform, from, to] = /^(\w+)=([^:]+):([^:]+)$/.exec(value) ?? [];
  if (!transform || !from || !to)
    throw new InvalidArgumentError('Expected a transform with a range, such as rotation=-10:10.');
  return { transform, from: number(from), to: number(to) };
}
