import { withoutNulls } from '@trojanscope/core';

/** The same text for the same input, whatever the order in which a client names its fields, and whether or not it says null. */
export const canonical = (input: object): string =>
  JSON.stringify(withoutNulls(input), (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
