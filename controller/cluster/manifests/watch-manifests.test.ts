import { appendFile, mkdir, open, readFile, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../../e2e/runner/eventually.ts';
import { serviceYaml, temporaryFolder } from '../fixtures/temporary-folder.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import { readManifests } from './read-manifests.ts';
import { watchManifests } from './watch-manifests.ts';
import type { WatchOptions } from './watch-manifests.ts';

async function watched(paths: string | string[], options: WatchOptions = {}) {
  const events: SnapshotEvent[] = [];
  const watch = await watchManifests(paths, (event) => events.push(event), { rootCheckMs: 100, ...options });
  onTestFinished(() => watch.close());
  const ports = () =>
    Object.fromEntries([...watch.current().snapshot.Service].map(([key, { spec }]) => [key, spec?.ports?.[0]?.port]));
  return { events, watch, ports };
}

function codes(event: SnapshotEvent | undefined): string[] {
  return (event?.problems ?? []).map(({ code }) => code);
}

/** Long enough for an unwanted event to arrive. */
const QUIET_MS = 200;

describe('a watch of manifests', () => {
  it('publishes all objects in its first event', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80), 'b/c.yaml': serviceYaml('b', 81) });
    const { events, watch } = await watched(folder);
    expect(events).toHaveLength(1);
    expect(events[0]?.changes).toEqual([
      { kind: 'Service', key: 'default/a' },
      { kind: 'Service', key: 'default/b' },
    ]);
    expect(watch.current().snapshot).toBe(events[0]?.snapshot);
    expect(watch.current().snapshot).toEqual((await readManifests([folder])).snapshot);
    expect(watch.current().locate({ kind: 'Service', namespace: 'default', name: 'b' }, ['spec'])).toMatchObject({
      file: `${folder}/b/c.yaml`,
      line: 4,
    });
  });

  it.each([
    ['writing', (path: string) => writeFile(path, serviceYaml('a', 81))],
    [
      'writing another file and renaming it',
      async (path: string) => {
        await writeFile(`${path}~`, serviceYaml('a', 81));
        await rename(`${path}~`, path);
      },
    ],
    [
      'truncating and writing',
      async (path: string) => {
        await writeFile(path, '');
        await writeFile(path, serviceYaml('a', 81));
      },
    ],
    [
      'moving the file away and writing a new file',
      async (path: string) => {
        await rename(path, `${path}~`);
        await sleep(10);
        await writeFile(path, serviceYaml('a', 81));
      },
    ],
  ])('reports exactly one change if a file is changed by %s', async (_how, change) => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80), 'b.yaml': serviceYaml('b', 80) });
    const { events } = await watched(folder);
    for (const _ of [1, 2]) {
      const from = events.length;
      await change(`${folder}/a.yaml`);
      await eventually(() => expect(events.length).toBe(from + 1));
      await sleep(QUIET_MS);
      expect(events.slice(from).map(({ changes }) => changes)).toEqual([[{ kind: 'Service', key: 'default/a' }]]);
      expect(events.at(-1)?.snapshot.Service.get('default/b')).toBe(events[0]?.snapshot.Service.get('default/b'));
      await writeFile(`${folder}/a.yaml`, serviceYaml('a', 80));
      await eventually(() => expect(events.length).toBe(from + 2));
    }
  });

  it('publishes no event if no object changed', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80) });
    const { events } = await watched(folder);
    await writeFile(`${folder}/a.yaml`, serviceYaml('a', 80));
    await utimes(`${folder}/a.yaml`, 1, 1);
    await writeFile(`${folder}/.a.yaml.swp`, serviceYaml('x', 80));
    await writeFile(`${folder}/notes.txt`, 'x');
    await appendFile(`${folder}/a.yaml`, '# a comment\n');
    await sleep(QUIET_MS);
    expect(events).toHaveLength(1);
  });

  it('notices new and deleted files and folders', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80) });
    const { events, ports } = await watched(folder);
    await mkdir(`${folder}/new/deep`, { recursive: true });
    await writeFile(`${folder}/new/deep/b.yaml`, serviceYaml('b', 81));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 80, 'default/b': 81 }));
    await writeFile(`${folder}/new/deep/b.yaml`, serviceYaml('b', 82));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 80, 'default/b': 82 }));
    await unlink(`${folder}/a.yaml`);
    await eventually(() => expect(ports()).toEqual({ 'default/b': 82 }));
    expect(events.at(-1)?.changes).toEqual([{ kind: 'Service', key: 'default/a' }]);
    await rm(`${folder}/new`, { recursive: true });
    await eventually(() => expect(ports()).toEqual({}));
  });

  it('waits until a file that is written in pieces is complete, and removes no objects before that', async () => {
    const text = Array.from({ length: 200 }, (_, index) => serviceYaml(`s${index}`, 80)).join('---\n');
    const folder = await temporaryFolder({ 'a.yaml': text });
    const { events } = await watched(folder);
    const changed = text.replaceAll('port: 80', 'port: 81');
    const file = await open(`${folder}/a.yaml`, 'w');
    for (let at = 0; at < changed.length; at += 4096) {
      await file.write(changed.slice(at, at + 4096));
      await sleep(5);
    }
    await file.close();
    await eventually(() =>
      expect(events.at(-1)?.snapshot.Service.get('default/s199')?.spec?.ports?.[0]?.port).toBe(81),
    );
    expect(events.map(({ snapshot }) => snapshot.Service.size)).toEqual(events.map(() => 200));
    expect(events.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('uses the last good version of an invalid object until its file is fixed', async () => {
    const folder = await temporaryFolder({ 'a.yaml': `${serviceYaml('a', 80)}---\n${serviceYaml('b', 80)}` });
    const { events, ports } = await watched(folder);
    await writeFile(`${folder}/a.yaml`, `${serviceYaml('a', 81)}---\n${serviceYaml('b', 81)}  oops: [\n`);
    await eventually(() => expect(codes(events.at(-1))).toEqual(['unreadable-yaml']));
    expect(events.at(-1)?.problems[0]).toMatchObject({
      severity: 'error',
      effect: 'quarantined',
      place: { file: `${folder}/a.yaml`, line: 10 },
    });
    expect(events.at(-1)?.problems[0]?.message).toMatch(/the last good version of Service default\/b stays in use/);
    expect(ports()).toEqual({ 'default/a': 81, 'default/b': 80 });
    await writeFile(`${folder}/a.yaml`, `${serviceYaml('a', 81)}---\n${serviceYaml('b', 82)}`);
    await eventually(() => expect(ports()).toEqual({ 'default/a': 81, 'default/b': 82 }));
    expect(codes(events.at(-1))).toEqual([]);
  });

  it('continues to use the objects of a deleted folder, and reads the folder when it exists again', async () => {
    const folder = await temporaryFolder({ 'm/a.yaml': serviceYaml('a', 80), 'm/b.yaml': serviceYaml('b', 80) });
    const { events, ports } = await watched(`${folder}/m/`);
    await rm(`${folder}/m`, { recursive: true });
    await eventually(() => expect(codes(events.at(-1))).toEqual(['path-gone']));
    await sleep(QUIET_MS);
    expect(ports()).toEqual({ 'default/a': 80, 'default/b': 80 });
    await mkdir(`${folder}/m`);
    await writeFile(`${folder}/m/a.yaml`, serviceYaml('a', 81));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 81 }));
    expect(codes(events.at(-1))).toEqual([]);
    await writeFile(`${folder}/m/a.yaml`, serviceYaml('a', 82));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 82 }));
  });

  it('waits for a folder that does not exist yet', async () => {
    const folder = await temporaryFolder();
    const { events, ports } = await watched(`${folder}/later`);
    expect(codes(events[0])).toEqual(['path-not-found']);
    await mkdir(`${folder}/later`);
    await writeFile(`${folder}/later/a.yaml`, serviceYaml('a', 80));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 80 }));
    expect(codes(events.at(-1))).toEqual([]);
  });

  it('follows the changes to a single file, even if the file is replaced', async () => {
    const folder = await temporaryFolder({ manifest: serviceYaml('a', 80), 'other.yaml': serviceYaml('x', 80) });
    const { ports } = await watched(`${folder}/manifest`);
    for (const port of [81, 82, 83]) {
      await writeFile(`${folder}/next`, serviceYaml('a', port));
      await rename(`${folder}/next`, `${folder}/manifest`);
      await eventually(() => expect(ports()).toEqual({ 'default/a': port }));
    }
  });

  it('follows the changes to a mounted ConfigMap, and reports no Problems', async () => {
    const folder = await temporaryFolder({ '..v0/a.yaml': serviceYaml('a', 80), '..v0/b.yaml': serviceYaml('b', 80) });
    await symlink('..v0', `${folder}/..data`);
    await symlink('..data/a.yaml', `${folder}/a.yaml`);
    await symlink('..data/b.yaml', `${folder}/b.yaml`);
    const { events, ports } = await watched(folder);
    expect(ports()).toEqual({ 'default/a': 80, 'default/b': 80 });
    for (const version of [1, 2, 3]) {
      await mkdir(`${folder}/..v${version}`);
      await writeFile(`${folder}/..v${version}/a.yaml`, serviceYaml('a', 80 + version));
      await writeFile(`${folder}/..v${version}/b.yaml`, serviceYaml('b', 80 + version));
      await symlink(`..v${version}`, `${folder}/..data_tmp`);
      await rename(`${folder}/..data_tmp`, `${folder}/..data`);
      await rm(`${folder}/..v${version - 1}`, { recursive: true });
      await eventually(() => expect(ports()).toEqual({ 'default/a': 80 + version, 'default/b': 80 + version }));
    }
    expect(events.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('reports each change once if 200 files change at the same time', async () => {
    const folder = await temporaryFolder();
    const { events, ports } = await watched(folder);
    const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
    for (const port of [80, 81]) {
      const begun = performance.now();
      await Promise.all(names.map((name) => writeFile(`${folder}/${name}.yaml`, serviceYaml(name, port))));
      await eventually(() =>
        expect(ports()).toEqual(Object.fromEntries(names.map((name) => [`default/${name}`, port]))),
      );
      console.log(
        `200 files written and read in ${(performance.now() - begun).toFixed(0)} ms, ${events.length} events so far`,
      );
    }
    // Each object changed exactly twice, in any number of events.
    expect(events.flatMap(({ changes }) => changes)).toHaveLength(400);
  });

  it('finds changes that the file system does not report, by comparing all files', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80) });
    const elsewhere = await temporaryFolder({ 'b.yaml': serviceYaml('b', 80) });
    await symlink(`${elsewhere}/b.yaml`, `${folder}/b.yaml`);
    const { ports } = await watched(folder, { rescanMs: 100 });
    await rm(`${elsewhere}/b.yaml`);
    await writeFile(`${elsewhere}/b.yaml`, serviceYaml('b', 81));
    await eventually(() => expect(ports()).toEqual({ 'default/a': 80, 'default/b': 81 }));
  });

  it('reports only the object that changed among thousands of objects', async () => {
    const folder = await temporaryFolder({
      'many.yaml': Array.from({ length: 3000 }, (_, index) => serviceYaml(`s${index}`, 80)).join('---\n'),
      'slice.yaml': sliceYaml(1),
    });
    const begun = performance.now();
    const { events } = await watched(folder);
    console.log(`3001 objects read in ${(performance.now() - begun).toFixed(0)} ms`);
    const took: number[] = [];
    for (let address = 2; address < 22; address++) {
      const from = events.length;
      const written = performance.now();
      await writeFile(`${folder}/slice.yaml`, sliceYaml(address));
      await vi.waitFor(() => expect(events.length).toBe(from + 1), { timeout: 20_000, interval: 1 });
      took.push(performance.now() - written);
      const { snapshot, changes } = events.at(-1) ?? {};
      expect(changes).toEqual([{ kind: 'EndpointSlice', key: 'default/s' }]);
      expect(snapshot?.slicesOfService.get('default/a')?.[0]?.endpoints).toEqual([
        { addresses: [`10.0.0.${address}`] },
      ]);
      expect(snapshot?.Service).toBe(events[0]?.snapshot.Service);
      await sleep(60);
    }
    took.sort((a, b) => a - b);
    console.log(`slice written to event: median ${took[10]?.toFixed(1)} ms, worst ${took.at(-1)?.toFixed(1)} ms`);
    const text = await readFile(`${folder}/many.yaml`, 'utf8');
    const from = events.length;
    const written = performance.now();
    await writeFile(`${folder}/many.yaml`, text.replace('name: s1500,', 'name: s1500, annotations: {},'));
    await vi.waitFor(() => expect(events.length).toBe(from + 1), { timeout: 20_000, interval: 1 });
    console.log(`one document of 3000 changed to event: ${(performance.now() - written).toFixed(1)} ms`);
    expect(events.at(-1)?.changes).toEqual([{ kind: 'Service', key: 'default/s1500' }]);
  });

  it('publishes no event after close()', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80) });
    const { events, watch } = await watched(folder);
    await writeFile(`${folder}/a.yaml`, serviceYaml('a', 81));
    await watch.close();
    const count = events.length;
    await writeFile(`${folder}/a.yaml`, serviceYaml('a', 82));
    await sleep(QUIET_MS);
    expect(events).toHaveLength(count);
  });
});

function sliceYaml(address: number): string {
  return `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, labels: {kubernetes.io/service-name: a}}\naddressType: IPv4\nendpoints: [{addresses: [10.0.0.${address}]}]\n`;
}
