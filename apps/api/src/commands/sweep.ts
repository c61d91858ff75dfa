import { rangeRequest, sweepRequest } from '@trojanscope/core/definitions';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { modelIdOf } from './asking/api.js';
import { type Catalog, catalogFor, type TransformEntry } from './asking/catalog.js';
import { CURVE, type Curve, curveTable } from './asking/curves.js';
import { doWork, NO_WAIT, type WaitOptions } from './asking/jobs.js';
import { counted, RATE, type Rate, spelled, valued } from './asking/print.js';
import {
  addOptions,
  inputOf,
  number,
  numbers,
  optionsOf,
  type SchemaOption,
  schemaOf,
} from './asking/schemaOptions.js';
import { addressed } from './asking/where.js';

/** A command about a model and a transform, with the other parameters of a request. */
function transformCommand(
  name: string,
  request: z.ZodType,
  { transforms }: Catalog,
  except: string[] = [],
): { command: Command; options: SchemaOption[] } {
  const options = optionsOf(schemaOf(request), { except: ['modelId', 'transform', ...except] });
  const command = new Command(name)
    .argument('<model>', 'id or name of a trained model')
    .addArgument(new Argument('<transform>', 'the transform').choices(transforms.map(({ id }) => id)));
  return {
    command: addOptions(command, options).addHelpText('after', rangesOf(transforms)),
    options,
  };
}

const rangesOf = (transforms: readonly TransformEntry[]) =>
  `\nTransforms:\n${transforms
    .map(
      ({ id, valueName, unit, minimum, maximum, identity }) =>
        `  ${id.padEnd(12)} ${valueName.toLowerCase()}, ${minimum} to ${maximum}${unit && ` ${unit}`}; nothing at ${identity}`,
    )
    .join('\n')}`;

interface Sweep {
  id: string;
  status: string;
  samplesUsed: number | null;
  curve: Curve;
}
const SWEEP = `id status samples samplesUsed seed values target curve ${CURVE}`;

/** `sweep MODEL TRANSFORM`: how often a backdoor fires at each of some values. */
export async function sweepCommand(words: readonly string[]): Promise<Command> {
  const { command, options } = transformCommand('sweep', sweepRequest, await catalogFor(words), ['values']);
  for (const { option, path } of options) if (path[0] === 'target') option.makeOptionMandatory();
  command
    .addOption(
      new Option(
        '--values <numbers>',
        'the values, with commas between; the paper’s when left out',
      ).argParser(numbers),
    )
    .addOption(
      new Option('--range <from:to:step>', 'the values in steps, such as 0:90:15')
        .argParser(steps)
        .conflicts('values'),
    );
  return addressed(command.option(...NO_WAIT)).action(
    (model: string, transform: string, given: WaitOptions & Record<string, unknown>) =>
      doWork<Sweep>(
        given,
        {
          mutation: 'runSweep',
          field: 'sweep',
          type: 'Sweep',
          deletable: true,
          selection: SWEEP,
          show: ({ id, curve, samplesUsed }) =>
            `${id}  ${curve.transform.title} of the ${curve.target.toLowerCase()}, ${samplesUsed ?? 'no'} samples at each value\n${curveTable(curve)}`,
        },
        async (api) => ({
          modelId: await modelIdOf(api, model),
          transform,
          ...(await inputOf(api, options, given)),
          values: given.values ?? given.range,
        }),
      ),
  );
}

const MOST_STEPS = 1_000;

/** `0:90:15` as 0, 15, … 90. @throws InvalidArgumentError */
function steps(value: string): number[] {
  const parts = value.split(':').map(number);
  const [from, to, step] = parts;
  const far = (to! - from!) / step!;
  if (parts.length !== 3 || !(far >= 0 && far < MOST_STEPS))
    throw new InvalidArgumentError('Expected a range with the way from one to the other, such as 0:90:15.');
  return Array.from({ length: Math.floor(far + 1e-9) + 1 }, (_, i) =>
    Number((from! + i * step!).toPrecision(12)),
  );
}

interface Trial {
  value: number;
  accuracy: Rate;
  holds: boolean;
}
interface LargestRange {
  id: string;
  status: string;
  tolerance: number;
  transform: { title: string; unit: string };
  lastHeld: Trial | null;
  firstFailed: Trial | null;
  trials: Trial[];
}
const TRIAL = `{ value accuracy ${RATE} holds }`;
const RANGE = `id status limit step precision tolerance samples samplesUsed seed transform { id title unit }
  lastHeld ${TRIAL} firstFailed ${TRIAL} trials ${TRIAL}`;

/** `range MODEL TRANSFORM`: how far clean images may be transformed. */
export async function rangeCommand(words: readonly string[]): Promise<Command> {
  const { command, options } = transformCommand('range', rangeRequest, await catalogFor(words));
  return addressed(command.option(...NO_WAIT)).action(
    (model: string, transform: string, given: WaitOptions & Record<string, unknown>) =>
      doWork<LargestRange>(
        given,
        {
          mutation: 'findLargestRange',
          field: 'range',
          type: 'LargestRange',
          deletable: false,
          selection: RANGE,
          show: showRange,
        },
        async (api) => ({
          modelId: await modelIdOf(api, model),
          transform,
          ...(await inputOf(api, options, given)),
        }),
      ),
  );
}

function showRange({ id, status, tolerance, transform, lastHeld, firstFailed }: LargestRange): string {
  if (status !== 'SUCCEEDED') return `${id}  ${spelled(status)}`;
  const at = ({ value, accuracy }: Trial) =>
    `${valued(value, transform.unit)}: clean accuracy ${counted(accuracy)}`;
  const words = [
    `${id}  ${transform.title}, accuracy at most ${100 * tolerance} points lower than untransformed`,
  ];
  words.push(lastHeld ? `  holds up to   ${at(lastHeld)}` : '  it holds nowhere');
  words.push(firstFailed ? `  fails at      ${at(firstFailed)}` : '  and fails nowhere up to the limit');
  return words.join('\n');
}
