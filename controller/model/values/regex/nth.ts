/** The item at an index that a list has: of states, which are numbers. */
export function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no item ${index}`);
  return found;
}
