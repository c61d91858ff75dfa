import { expect, it } from 'vitest';
import { append, put, remove, seen } from './studyText';

const TEXT = `# What for
title: Sizes # of patches
models:
  # the paper's
  - dataset: mnist
    architecture: lenet
    attacks:
      - attack: { badnets: }
        poisonRate: 0.10 # usual
scored: { attack: badnets, wellPredicted: 5, defeated: 1, strips: 0 }
`;
const BADNETS = ['models', 0, 'attacks', 0];

it('is seen as values, or says why it is not', () => {
  expect(seen(TEXT).values).toMatchObject({ title: 'Sizes', models: [{ dataset: 'mnist' }] });
  expect(seen('{"title": "As JSON"}').values).toEqual({ title: 'As JSON' });
  expect(seen('title: [').blind).toBe('The text cannot be read as YAML.');
  expect(seen('').blind).toMatch(/no document yet/);
  expect(seen('a: &a [1]\nb: *a').blind).toMatch(/refers to parts of itself/);
});

it('keeps everything else as it is when a value changes, comments included', () => {
  const text = put(TEXT, [...BADNETS, 'poisonRate'], 0.2);
  expect(text).toBe(TEXT.replace('0.10', '0.2'));
  expect(put(text, ['title'], 'Rates')).toContain('title: Rates # of patches');
});

it('puts a new name where it belongs, below what was nothing too', () => {
  expect(put(TEXT, ['seeds'], [1, 2])).toContain('# of patches\nseeds: [ 1, 2 ]\nmodels:\n  # the');
  expect(put(TEXT, [...BADNETS, 'attack', 'badnets', 'patchSizePx'], [3, 5])).toContain(
    '{ attack: { badnets: { patchSizePx: [ 3, 5 ] } }'.slice(2),
  );
  expect(put(TEXT, [...BADNETS, 'targetLabel'], 3)).toContain(
    'badnets: }\n        targetLabel: 3\n        poison',
  );
});

it('takes away what is no longer said', () => {
  expect(put(TEXT, [...BADNETS, 'poisonRate'], undefined)).not.toContain('poisonRate');
  expect(put(TEXT, [...BADNETS, 'attack', 'badnets', 'corner'], undefined)).toBe(TEXT);
});

it('has lists that begin with their first element and end with their last', () => {
  const swept = append(append(TEXT, ['sweeps'], { transform: 'rotation' }), ['sweeps'], {
    transform: 'blur',
  });
  expect(swept).toContain('sweeps:\n  - { transform: rotation }\n  - { transform: blur }\nscored:');
  const once = remove(swept, ['sweeps', 0]);
  expect(seen(once).values!.sweeps).toEqual([{ transform: 'blur' }]);
  expect(seen(remove(once, ['sweeps', 0])).values).not.toHaveProperty('sweeps');
  const attacked = append(TEXT, ['models', 0, 'attacks'], { attack: { blend: {} } });
  expect(attacked).toContain('# usual\n      - attack: { blend: {} }\nscored:');
  const none = remove(TEXT, ['models', 0], true);
  expect(seen(none).values!.models).toEqual([]);
  expect(append(none, ['models'], { dataset: 'mnist', architecture: 'lenet' })).toContain(
    "  # the paper's\n  - dataset: mnist\n    architecture: lenet\n",
  );
});
