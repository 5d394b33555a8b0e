/**
 * No value of an annotation is written once for each path. With more paths, nginx.conf and live data grow as much as
 * without the annotation; with a longer value, they grow as much as with one path. This is tested for every annotation
 * in the registry.
 */
import { expect, test } from 'vitest';
import { createBuild } from '../../app/build.ts';
import { createRender } from '../../render/render.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../build-fixed.ts';
import { longAnnotations, site, writtenBytes } from './site.ts';

const OVERRIDES = { quarantine: new Map(), resolvedNames: new Map(), defaultSettingsOnly: false };

/** Length of the annotation's value: far more than a path may add. */
const BYTES = 20 * 1024;
/**
 * Maximum number of bytes that a path may add: its locations, the list of headers that a location repeats if it changes
 * one, and its routes.
 */
const MOST_PER_PATH = 10 * 1024;
/**
 * Maximum number of bytes in the output for each byte of the value, for instance for the digits of an IPv6 address, or
 * for a directive with a header.
 */
const MOST_PER_BYTE = 24;

const render = createRender(TEMPLATES, RENDER_OPTIONS);

function bytesOut(snapshot: Snapshot): number {
  const build = createBuild(MODEL_OPTIONS, () => render);
  const { artifact } = build(snapshot, OVERRIDES);
  return [...artifact.live].reduce((sum, [key, text]) => sum + key.length + text.length, artifact.conf.length);
}

const all = [...longAnnotations(BYTES)];

test('longAnnotations() finds long values for annotations with lists', () => {
  const lengths = new Map(all.map(([name, annotations]) => [name, annotations[name]?.length ?? 0]));
  for (const name of ['allowlist-source-range', 'cors-allow-origin', 'request-set-headers', 'response-set-headers'])
    expect(lengths.get(name), name).toBeGreaterThan(BYTES / 2);
});

test.each(all)('a long value of the annotation %s is not written once for each path', (_, annotations) => {
  const [few, many] = [10, 30].map((paths) => bytesOut(site(annotations, paths, { bytes: BYTES })));
  expect((many ?? 0) - (few ?? 0)).toBeLessThan(20 * MOST_PER_PATH);
  const hosts = bytesOut(site(annotations, 10, { hosts: 3, bytes: BYTES }));
  expect(hosts - (few ?? 0)).toBeLessThan(2 * 10 * MOST_PER_PATH + 2 * BYTES);
  const written = writtenBytes(site(annotations, 10, { bytes: BYTES }));
  expect(few).toBeLessThan(10 * MOST_PER_PATH + MOST_PER_BYTE * written + 100_000);
});
