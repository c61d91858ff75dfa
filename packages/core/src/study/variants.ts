import type { z } from 'zod';
import { type AttackId, attackOf, withDefaults } from '../attacks/index.js';
import { type ModelSpec, pluginsOf } from '../implant/model.js';
import { inOrder } from '../lib/params.js';

/** What may differ between two models of one attack on one data set, besides their seeds. */
export interface Trait {
  /** As a document has it: `patchSizePx`, `poisonRate`, `architecture`, `epochs`. */
  name: string;
  /** Undefined where a model has none, or it is not known. */
  value: unknown;
}

/** All of a model, the attack's own parameters first. */
export function traitsOf(spec: ModelSpec): Trait[] {
  const { architecture, sizePx, normalization, recipe, start, backdoor } = spec;
  const plugins = pluginsOf(spec).map(({ file, sha256 }) => `${file} (${sha256.slice(0, 8)})`);
  const own = backdoor ? Object.entries(withDefaults(backdoor.attack, backdoor.parameters)) : [];
  const order = backdoor ? Object.keys(attackOf(backdoor.attack).parameters.shape) : [];
  const traits: [string, unknown][] = [
    ...own.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
    ['poisonRate', backdoor?.poisonRate],
    ['coverRatio', backdoor?.coverRatio],
    ['targetLabel', backdoor?.targetLabel],
    ['trainingTransforms', backdoor?.trainingTransforms],
    ['architecture', architecture],
    ['sizePx', sizePx],
    ['normalization', normalization],
    ['start', start],
    ...Object.entries(recipe),
    ['plugins', plugins.length > 0 ? plugins.join(', ') : undefined],
  ];
  return traits.map(([name, value]) => ({ name, value }));
}

/** Whether two values are the same, whatever the order of keys within. */
export const sameValue = (a: unknown, b: unknown): boolean => keyOf(a) === keyOf(b);

const keyOf = (value: unknown): string => inOrder(value ?? null);

export const traitsKey = (traits: readonly Trait[]): string =>
  keyOf(Object.fromEntries(traits.map(({ name, value }) => [name, value ?? null])));

/** Of several models' traits the names of those in which not all are the same, in their order. */
export function varied(all: readonly (readonly Trait[])[]): string[] {
  const names = [...new Set(all.flatMap((traits) => traits.map(({ name }) => name)))];
  const valueIn = (traits: readonly Trait[], wanted: string) =>
    traits.find(({ name }) => name === wanted)?.value;
  return names.filter((name) =>
    all.some((traits) => !sameValue(valueIn(traits, name), valueIn(all[0]!, name))),
  );
}

/** `Patch size`, with the unit of an attack's own parameter: `px`. */
export function traitWords(name: string, attack: AttackId | null): { title: string; unit: string } {
  const shape: Record<string, z.ZodType> = attack ? attackOf(attack).parameters.shape : {};
  const unit = name === 'sizePx' ? 'px' : String(shape[name]?.meta()?.unit ?? '');
  const words = name.replace(/(Px|Deg)$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return { title: words[0]!.toUpperCase() + words.slice(1), unit };
}

/** `3 px`, `5 %`. */
export function traitValue({ name, value }: Trait, attack: AttackId | null): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (typeof value === 'number' && name === 'poisonRate') return `${Number((100 * value).toPrecision(6))} %`;
  const { unit } = traitWords(name, attack);
  if (typeof value === 'number') return unit && /^[a-z°%]/.test(unit) ? `${value} ${unit}` : String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `patch size 3 px, poison rate 5 %`. */
export const variantText = (variant: readonly Trait[], attack: AttackId | null): string =>
  variant
    .map((trait) => `${traitWords(trait.name, attack).title.toLowerCase()} ${traitValue(trait, attack)}`)
    .join(', ');
