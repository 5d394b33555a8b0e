/** Reads the sizes of a bench from environment variables `TIDEGATE_BENCH_<NAME>`. */

/** Reads a list of comma-separated numbers. Throws if an item is not a number or is less than `least`. */
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

/** Reads one number. Throws if the variable contains several numbers or an invalid one. */
export function size(name: string, fallback: number, least = 1): number {
  const [value = fallback, ...more] = sizes(name, [fallback], least);
  if (more.length > 0) throw new Error(`TIDEGATE_BENCH_${name}: expected one number, for example ${fallback}`);
  return value;
}
