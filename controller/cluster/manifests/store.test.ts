import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestProblems } from './problems.ts';
import { readFileContent } from './read-file.ts';
import { createStore } from './store.ts';
import type { Snapshot } from '../../types/snapshot.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const namespace = fc.constantFrom('default', 'shop');
const service = fc.tuple(name, namespace, fc.integer({ min: 1, max: 3 })).map(([n, ns, port]) => {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${n}, namespace: ${ns}}\nspec: {ports: [{port: ${port}}]}\n`;
});
const slice = fc.tuple(name, name, fc.integer({ min: 1, max: 3 })).map(([n, of, last]) => {
  return `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: ${n}, labels: {kubernetes.io/service-name: ${of}}}\naddressType: IPv4\nendpoints: [{addresses: [10.0.0.${last}]}]\n`;
});
const other = fc.constantFrom(
  '# nothing but a comment\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n',
);
const file = fc.constantFrom('a.yaml', 'b.yaml', 'c/d.yaml');
const text = fc.array(fc.oneof(service, slice, other), { maxLength: 4 }).map((documents) => documents.join('---\n'));
const edit = fc.tuple(file, fc.option(text, { nil: undefined, freq: 4 }));
const batch = fc.array(edit, { minLength: 1, maxLength: 3 });

const TABLES = ['Ingress', 'IngressClass', 'Service', 'EndpointSlice', 'Secret', 'ConfigMap', 'Namespace'] as const;

function contentsOf(snapshot: Snapshot): unknown {
  return [...TABLES, 'slicesOfService' as const].map((table) => [table, [...snapshot[table]]]);
}

async function updateOf(
  path: string,
  yaml: string | undefined,
  previous?: Awaited<ReturnType<typeof readFileContent>>,
) {
  return {
    file: path,
    content: yaml === undefined ? undefined : await readFileContent(path, Buffer.from(yaml), previous),
  };
}

describe('a store', () => {
  it('after any edits, equals a new store, preserves unchanged objects, and lists exactly the changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
        const store = createStore();
        const texts = new Map<string, string>();
        for (const edits of batches) {
          const before = store.snapshot();
          const updates = [];
          for (const [path, yaml] of edits) {
            if (yaml === undefined) texts.delete(path);
            else texts.set(path, yaml);
            updates.push(await updateOf(path, yaml, store.files.get(path)));
          }
          const changes = store.apply(updates);
          const after = store.snapshot();

          const cold = createStore();
          cold.apply(await Promise.all([...texts].toReversed().map(([path, yaml]) => updateOf(path, yaml))));
          expect(contentsOf(after)).toEqual(contentsOf(cold.snapshot()));
          expect(sorted(manifestProblems(store))).toEqual(sorted(manifestProblems(cold)));

          // Exactly the objects that differ are listed as changes. All other objects, and tables without changes, stay
          // identical.
          const differing = TABLES.flatMap((kind) => {
            const keys = new Set([...before[kind].keys(), ...after[kind].keys()]);
            return [...keys]
              .filter((key) => before[kind].get(key) !== after[kind].get(key))
              .map((key) => `${kind} ${key}`);
          });
          expect(changes.map(({ kind, key }) => `${kind} ${key}`).sort()).toEqual(differing.sort());
          for (const { kind, key } of changes) expect(after[kind].get(key)).not.toEqual(before[kind].get(key));
          const touched = TABLES.filter((kind) => before[kind] !== after[kind]);
          expect(new Set(touched)).toEqual(new Set(changes.map(({ kind }) => kind)));
          expect(after === before).toBe(changes.length === 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('does not treat white space, comments and the order of keys as a change', async () => {
    const store = createStore();
    store.apply([
      await updateOf(
        'a.yaml',
        'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: x}]}\n',
      ),
    ]);
    const before = store.snapshot();
    const changes = store.apply([
      await updateOf(
        'a.yaml',
        '# hello\nkind: Service\napiVersion: "v1"\nmetadata:\n  namespace: default\n  name: a\nspec:\n  ports:\n  - name: x\n    port: 80\n',
      ),
    ]);
    expect(changes).toEqual([]);
    expect(store.snapshot()).toBe(before);
  });

  it('does not treat an object that moves to another file as changed', async () => {
    const yaml = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n';
    const store = createStore();
    store.apply([await updateOf('a.yaml', yaml)]);
    const before = store.snapshot();
    expect(store.apply([await updateOf('a.yaml', undefined), await updateOf('b.yaml', yaml)])).toEqual([]);
    expect(store.snapshot()).toBe(before);
  });

  it('uses the second copy of a duplicate object when the first is removed', async () => {
    const store = createStore();
    store.apply([await updateOf('a.yaml', namespaceYaml('one')), await updateOf('b.yaml', namespaceYaml('two'))]);
    expect(manifestProblems(store)).toMatchObject([{ code: 'duplicate-object', place: { file: 'b.yaml' } }]);
    expect(store.apply([await updateOf('a.yaml', undefined)])).toEqual([{ kind: 'Namespace', key: 'a' }]);
    expect(store.snapshot().Namespace.get('a')?.metadata?.labels).toEqual({ x: 'two' });
    expect(manifestProblems(store)).toEqual([]);
  });

  it('uses the last good version of an object after an edit that makes the object invalid', async () => {
    const good =
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n';
    const store = createStore();
    store.apply([await updateOf('x.yaml', good)]);
    const before = store.snapshot();

    expect(store.apply([await updateOf('x.yaml', good.replace('{name: a}', '{name: a'))])).toEqual([]);
    expect(manifestProblems(store)).toMatchObject([
      { code: 'unreadable-yaml', effect: 'quarantined', place: { line: 4 } },
    ]);
    expect(manifestProblems(store)[0]?.message).toMatch(/; the last good version of Namespace a stays in use$/);

    store.apply([await updateOf('x.yaml', good.replace('{name: b}', '{name: b, labels: {x: 1}}'))]);
    expect(manifestProblems(store)).toMatchObject([
      { code: 'field-type', effect: 'quarantined', object: { name: 'b' } },
    ]);
    expect(store.snapshot()).toBe(before);

    expect(store.apply([await updateOf('x.yaml', good.slice(0, good.indexOf('---')))])).toEqual([
      { kind: 'Namespace', key: 'b' },
    ]);
    expect(manifestProblems(store)).toEqual([]);
  });
});

function sorted(problems: readonly unknown[]): string[] {
  return problems.map((problem) => JSON.stringify(problem)).sort();
}

function namespaceYaml(label: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: ${label}}}\n`;
}
