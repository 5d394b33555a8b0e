/** Sizes of a bench from the environment: `TIDEGATE_BENCH_<NAME>`. */

/** Comma-separated numbers, each of at least `least`. Throws if one is not a number. */
export function sizes(name: string, fallback: readonly number[], least = 1): readonly number[] {
  const variable = `TIDEGATE_BENCH_${name}`;
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const values = text.split(',').map(Number);
  if (values.some((value) => !(value >= least) || !Number.isFinite(value))) {
    throw new Error(`${variable}=${text}: expected numbers from ${least} on, for example ${fallback.join(',')}`);
  }
  return values;
}

/** One number. */
export function size(name: string, fallback: number, least = 1): number {
  const [value = fallback, ...more] = sizes(name, [fallback], least);
  if (more.length > 0) throw new Error(`TIDEGATE_BENCH_${name}: expected one number, for example ${fallback}`);
  return value;
}
