import type { TransformTarget } from '../graphql/fragments';
import { targets } from './targets';
import { transformValue } from './transformValue';

interface Placed {
  point: {
    value: number;
    sweep: { target: TransformTarget; transform: { title: string; unit: string; identity: number } };
  };
}

/** Where a sample stands: transform, target, value. */
export function placeOf({ point: { value, sweep } }: Placed): string {
  const { transform, target } = sweep;
  if (value === transform.identity) return 'untransformed';
  return `${transform.title} of the ${targets[target]}, ${transformValue(value, transform.unit)}`;
}
