import { describe, expect, it } from 'vitest';
import type { UserError } from './fragments';
import { errorsByField } from './useChange';

describe('errorsByField', () => {
  const anError = (field: string[], message: string): UserError => ({
    code: 'BAD_USER_INPUT',
    field,
    message,
  });

  it('hands a refusal to the field on its path, wherever the path begins', () => {
    const { values, samples, elsewhere } = errorsByField(
      [anError(['input', 'values', '2'], 'too far'), anError(['samples'], 'too many')],
      ['values', 'samples'],
    );
    expect({ values, samples, elsewhere }).toEqual({ values: 'too far', samples: 'too many', elsewhere: [] });
  });
  it('keeps what names no field that is shown', () => {
    const { elsewhere } = errorsByField(
      [anError(['modelId'], 'still training'), anError([], 'full')],
      ['values'],
    );
    expect(elsewhere.map(({ message }) => message)).toEqual(['still training', 'full']);
  });
});
