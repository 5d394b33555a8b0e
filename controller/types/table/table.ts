/**
 * An immutable map in the order of its keys (UTF-16 code units). Versions of a table share all nodes that are equal.
 */
import { sortSteps } from '../sort.ts';
import { finish, type Steps } from '../steps.ts';

/** A node of the tree. The shape of the tree depends only on its keys, never on the order of edits. */
export interface TableNode<V> {
  /** In a leaf, the keys of its values. In a node above the leaves, the last key below each of its child nodes. */
  readonly keys: readonly string[];
  readonly items: readonly (V | TableNode<V>)[];
  /** The number of values in the node, or in all leaves below it. */
  readonly size: number;
}

export interface Leaf<V> extends TableNode<V> {
  readonly items: readonly V[];
}

interface Branch<V> extends TableNode<V> {
  readonly items: readonly TableNode<V>[];
}

/** Values are never undefined: undefined means that the key is absent. */
export class Table<V> implements ReadonlyMap<string, V> {
  readonly root: TableNode<V>;
  /** The number of levels above the leaves. */
  readonly height: number;

  constructor(root: TableNode<V>, height: number) {
    this.root = root;
    this.height = height;
  }

  get size(): number {
    return this.root.size;
  }

  get(key: string): V | undefined {
    let node = this.root;
    for (let level = this.height; level > 0; level -= 1) {
      const at = lowerBound(node.keys, key);
      if (at === node.keys.length) return undefined;
      node = node.items[at] as TableNode<V>;
    }
    const at = lowerBound(node.keys, key);
    return node.keys[at] === key ? (node.items[at] as V) : undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void, self?: unknown): void {
    for (const [key, value] of this) callback.call(self, value, key, this);
  }

  *entries(): MapIterator<[string, V]> {
    for (const { keys, items } of this.leaves()) {
      for (let at = 0; at < keys.length; at += 1) yield [keys[at] as string, items[at] as V];
    }
  }

  *keys(): MapIterator<string> {
    for (const leaf of this.leaves()) yield* leaf.keys;
  }

  *values(): MapIterator<V> {
    for (const leaf of this.leaves()) yield* leaf.items;
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  leaves(): readonly Leaf<V>[] {
    let nodes: readonly TableNode<V>[] = [this.root];
    for (let level = this.height; level > 0; level -= 1) nodes = below(nodes);
    return nodes as readonly Leaf<V>[];
  }
}

const EMPTY = new Table<never>({ keys: [], items: [], size: 0 }, 0);

export function emptyTable<V>(): Table<V> {
  return EMPTY;
}

/** Collects edits for the next version of a table. */
export interface Draft<V> {
  readonly get: (key: string) => V | undefined;
  /** A value of undefined removes the key. */
  readonly set: (key: string, value: V | undefined) => void;
  /** The next version; the same table if nothing differs. Later edits apply to this version. */
  readonly freeze: () => Steps<Table<V>>;
}

export function draftOf<V>(table: Table<V>): Draft<V> {
  let base = table;
  let edits = new Map<string, V | undefined>();
  return {
    get: (key) => (edits.has(key) ? edits.get(key) : base.get(key)),
    set: (key, value) => void edits.set(key, value),
    *freeze() {
      if (edits.size > 0) base = yield* edited(base, edits);
      edits = new Map();
      return base;
    },
  };
}

/** Returns a table unchanged, and converts a Map to a table. */
export function tableOf<V>(map: ReadonlyMap<string, V>): Table<V> {
  return map instanceof Table ? (map as Table<V>) : finish(edited(emptyTable<V>(), map));
}

type Edit<V> = readonly [key: string, value: V | undefined];

function* edited<V>(table: Table<V>, edits: Iterable<Edit<V>>): Steps<Table<V>> {
  const sorted = yield* sortSteps([...edits], ([a], [b]) => (a < b ? -1 : 1));
  let [nodes, height] = [yield* rewritten([table.root], table.height, sorted), table.height];
  if (nodes.length === 1 && nodes[0] === table.root) return table;
  while (nodes.length > 1) nodes = yield* cut(nodes.map(lastKey), nodes, (height += 1));
  let [root] = nodes;
  if (root === undefined) return emptyTable();
  for (; height > 0 && root.items.length === 1; height -= 1) [root] = (root as Branch<V>).items as [TableNode<V>];
  return new Table(root, height);
}

/**
 * The nodes that replace neighbouring nodes of one level after edits, in order. The last one may be incomplete: it must
 * then be joined with the next node.
 */
function* rewritten<V>(
  nodes: readonly TableNode<V>[],
  level: number,
  edits: readonly Edit<V>[],
): Steps<readonly TableNode<V>[]> {
  if (level === 0) return yield* rewrittenLeaves(nodes as readonly Leaf<V>[], edits);
  const old = below(nodes);
  const items: TableNode<V>[] = [];
  let [from, open] = [0, false];
  for (const [index, node] of old.entries()) {
    const own = edits.slice(from, index === old.length - 1 ? edits.length : endOf(edits, from, lastKey(node)));
    from += own.length;
    const joined = open ? [items.pop() as TableNode<V>, node] : [node];
    if (!open && own.length === 0) items.push(node);
    else {
      items.push(...(yield* rewritten(joined, level - 1, own)));
      open = items.length > 0 && !isClosed(items.at(-1) as TableNode<V>, level - 1);
    }
  }
  return nodes.length === 1 && items.length === old.length
    ? yield* inPlaceOf(nodes[0] as Branch<V>, items, level)
    : yield* cut(items.map(lastKey), items, level);
}

/** The index of the first edit at or after `from` whose key comes after `last`. */
function endOf(edits: readonly Edit<unknown>[], from: number, last: string): number {
  let at = from;
  while (at < edits.length && (edits[at] as Edit<unknown>)[0] <= last) at += 1;
  return at;
}

/** The nodes that replace a node after its children were replaced. */
function* inPlaceOf<V>(node: Branch<V>, items: readonly TableNode<V>[], level: number): Steps<readonly TableNode<V>[]> {
  if (items.every((item, at) => item === node.items[at])) return [node];
  const keys = items.map(lastKey);
  return keys.every((key, at) => key === node.keys[at]) ? [branch(node.keys, items)] : yield* cut(keys, items, level);
}

function branch<V>(keys: readonly string[], items: readonly TableNode<V>[]): TableNode<V> {
  return { keys, items, size: items.reduce((sum, { size }) => sum + size, 0) };
}

function* rewrittenLeaves<V>(leaves: readonly Leaf<V>[], edits: readonly Edit<V>[]): Steps<readonly TableNode<V>[]> {
  const [leaf] = leaves as readonly [Leaf<V>];
  const [keys, items]: [string[], V[]] = [[], []];
  let next = 0;
  let [sameItems, sameKeys] = [leaves.length === 1, leaves.length === 1];
  const put = (key: string, value: V | undefined, before: V | undefined): void => {
    sameItems &&= value === before;
    sameKeys &&= (value === undefined) === (before === undefined);
    if (value === undefined) return;
    keys.push(key);
    items.push(value);
  };
  for (const { keys: old, items: values } of leaves) {
    for (const [at, key] of old.entries()) {
      for (let edit = edits[next]; edit !== undefined && edit[0] < key; edit = edits[(next += 1)])
        put(...edit, undefined);
      const [before, edit] = [values[at], edits[next]];
      if (edit?.[0] === key) next += 1;
      put(key, edit?.[0] === key ? edit[1] : before, before);
    }
  }
  for (const edit of edits.slice(next)) put(...edit, undefined);
  if (sameItems) return leaves;
  return sameKeys ? [{ keys: leaf.keys, items: items.slice(), size: items.length }] : yield* cut(keys, items, 0);
}

/** Maximum number of items in a node. A node ends when it has this many, even if no key ends it. */
const MOST = 256;

function* cut<V>(
  keys: readonly string[],
  items: readonly (V | TableNode<V>)[],
  level: number,
): Steps<readonly TableNode<V>[]> {
  const nodes: TableNode<V>[] = [];
  let from = 0;
  for (let to = 1; to <= keys.length; to += 1) {
    if (to < keys.length && to - from < MOST && !ends(keys[to - 1] as string, level)) continue;
    const [own, part] = [keys.slice(from, to), items.slice(from, to)];
    nodes.push(level === 0 ? { keys: own, items: part, size: part.length } : branch(own, part as TableNode<V>[]));
    from = to;
    yield;
  }
  return nodes;
}

/**
 * Whether a node of this level ends after a key. That is true for about one key in fifty, and for different keys on
 * each level.
 */
function ends(key: string, level: number): boolean {
  return level < 4 && ((hashOf(key) >>> (8 * level)) & 255) < 5;
}

/** A hash of the last word of a key; the words before it are only for sorting. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = key.lastIndexOf(' ') + 1; at < key.length; at += 1)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

/**
 * Whether a node is complete, so that no later key can become part of it. If its last key ends the node, but not the
 * leaf that contains the key, the node is not complete.
 */
function isClosed(node: TableNode<unknown>, level: number): boolean {
  if (node.keys.length !== MOST && !ends(lastKey(node), level)) return false;
  return level === 0 || isClosed(node.items.at(-1) as TableNode<unknown>, level - 1);
}

export function lastKey({ keys }: TableNode<unknown>): string {
  return keys[keys.length - 1] as string;
}

export function below<V>(nodes: readonly TableNode<V>[]): readonly TableNode<V>[] {
  return nodes.flatMap(({ items }) => items as readonly TableNode<V>[]);
}

/** The index of `key` in `keys`, or where it would be inserted. */
function lowerBound(keys: readonly string[], key: string): number {
  let [from, to] = [0, keys.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] as string) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
