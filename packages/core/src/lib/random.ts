import seedrandom from 'seedrandom';

/**
 * A seeded stream of random numbers. Code that needs randomness is handed one; `fork` gives an independent stream by
 * name, so that drawing more numbers in one place changes nothing in another.
 */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** A whole number, uniform in 0..below-1. */
  integer(below: number): number;
  /** A seed for TensorFlow's stateless random kernels. */
  seed(): number;
  fork(name: string): Random;
  /** The numbers 0..count-1 in random order. */
  permutation(count: number): Int32Array;
  /** `count` different members of `items`, in random order; all of them where there are fewer. */
  sample(items: ArrayLike<number>, count: number): Int32Array;
}

export function createRandom(seed: number | string): Random {
  const name = String(seed);
  const next = seedrandom.alea(name);
  const integer = (below: number) => Math.floor(next() * below);
  const sample = (items: ArrayLike<number>, count: number) => {
    const pool = Int32Array.from(items);
    const taken = Math.min(count, pool.length);
    for (let i = 0; i < taken; i++) {
      const j = i + integer(pool.length - i);
      const swap = pool[i]!;
      pool[i] = pool[j]!;
      pool[j] = swap;
    }
    return pool.slice(0, taken);
  };
  return {
    float: next,
    integer,
    seed: () => integer(0x7fffffff),
    fork: (fork) => createRandom(`${name}/${fork}`),
    permutation: (count) =>
      sample(
        Int32Array.from({ length: count }, (_, i) => i),
        count,
      ),
    sample,
  };
}
