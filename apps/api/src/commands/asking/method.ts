import { smoothGradParameters } from '@trojanscope/core/definitions';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Api } from './api.js';
import { type Catalog, optionIn } from './catalog.js';
import { addOptions, choiceOption, inputOf, kebab, number, optionsOf, schemaOf } from './schemaOptions.js';

/** How a decision is explained: the method and its own parameters, as options. */
export function methodOptions(
  command: Command,
  { explainers }: Catalog,
  words: readonly string[],
  taken: Set<string>,
): (api: Api, given: Record<string, unknown>) => Promise<Record<string, unknown>> {
  const named = optionIn(words, '--method');
  const method =
    explainers.find(({ id }) => kebab(id) === kebab(named ?? '')) ??
    explainers.find(({ id }) => id === 'smoothGrad')!;
  const group = `${method.title}:`;
  const { explainedClass } = schemaOf(smoothGradParameters).properties!;
  const own = optionsOf(method.parameters, {
    at: ['method', method.id],
    taken,
    owner: method.id,
    group,
  });
  const rest = optionsOf(
    {
      properties: {
        explainedClass: explainedClass!,
        margin: {
          type: 'number',
          minimum: 0,
          maximum: 0.5,
          default: 0.067,
          description:
            'How far from the trigger the map’s maximum may lie and still count as near it, as a share of the longer side',
        },
      },
    },
    { taken },
  );
  command.addOption(
    choiceOption(
      '--method <method>',
      'The method; with --help it tells the parameters of that one (default: smoothGrad)',
      explainers.map(({ id }) => id),
    ),
  );
  addOptions(command, [...own, ...rest]);
  return async (api, given) => ({
    method: { [method.id]: {} },
    ...(await inputOf(api, [...own, ...rest], given)),
  });
}

/** `rotation=15` */
export interface Setting {
  transform: string;
  value: number;
}

export const settingOption = (description: string): Option =>
  new Option('--transform <name=value>', description).argParser((text: string): Setting => {
    const [, transform, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (!transform || value === undefined)
      throw new InvalidArgumentError('Expected a transform with its value, such as rotation=15.');
    return { transform, value: number(value) };
  });

export const targetOption = (description: string): Option =>
  choiceOption('--target <word>', `${description} (default: image)`, ['TRIGGER', 'IMAGE']);
