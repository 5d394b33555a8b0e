/** What waits, in groups that take turns: a long group delays no other one. */

interface Waiting<T> {
  readonly group: string;
  readonly key: string;
  readonly value: T;
}

export class TurnQueue<T> {
  /** Group → key → value; no empty group. The first group is the next one. */
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

  /** Appends it to its group, or replaces what waits under this key. */
  set(group: string, key: string, value: T): void {
    const values = this.#groups.get(group) ?? new Map<string, T>();
    this.#size -= values.size;
    values.set(key, value);
    this.#size += values.size;
    this.#groups.set(group, values);
  }

  /** Takes out the next one, after which it is the next group's turn. */
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
