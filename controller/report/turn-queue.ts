/** A queue of groups that take turns, so that a long group does not delay the others. */

interface Waiting<T> {
  readonly group: string;
  readonly key: string;
  readonly value: T;
}

export class TurnQueue<T> {
  /** Group → key → value, without empty groups. The first group is served next. */
  readonly #groups = new Map<string, Map<string, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  get(group: string, key: string): T | undefined {
    return this.#groups.get(group)?.get(key);
  }

  /** Appends a value to its group, or replaces the value that waits under this key. */
  set(group: string, key: string, value: T): void {
    const values = this.#groups.get(group) ?? new Map<string, T>();
    this.#size -= values.size;
    values.set(key, value);
    this.#size += values.size;
    this.#groups.set(group, values);
  }

  /** Removes and returns the next value. Then it is the next group's turn. */
  take(): Waiting<T> | undefined {
    const [first] = this.#groups;
    if (first === undefined) return undefined;
    const [group, values] = first;
    const [next] = values;
    this.#groups.delete(group);
    if (next === undefined) return undefined;
    const [key, value] = next;
    values.delete(key);
    this.#size -= 1;
    if (values.size > 0) this.#groups.set(group, values);
    return { group, key, value };
  }
}
