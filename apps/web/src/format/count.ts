const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1000 as 1,000. */
export const count = (value: number): string => integers.format(value);

/** 1 point, 2 points. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
