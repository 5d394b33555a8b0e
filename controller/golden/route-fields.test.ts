/** Golden cases and annotations lead to routes whose fields are exactly the described fields. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ANNOTATION_KEYS, FEATURES } from '../model/features/annotations.ts';
import { ROUTE_FIELDS } from '../types/live-route.ts';
import { buildFixed } from './build-fixed.ts';
import { ingressOf, snapshotOf } from './values/objects.ts';

/** Fields of the routes in a live document. */
function fieldsOf(document: Iterable<readonly [string, unknown]>): readonly string[] {
  return [...document].flatMap(([key, value]) => (key.startsWith('r:') ? Object.keys(value as object) : []));
}

function ofGoldenCases(): readonly string[] {
  return globSync(path.join(import.meta.dirname, 'cases/*/live.json')).flatMap((file) =>
    fieldsOf(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)),
  );
}

const MANY_ADDRESSES = Array.from({ length: 17 }, (_, index) => `192.0.2.${2 * index}`).join();

/**
 * Fields that annotations lead to: there is an Ingress for each good example, one for each feature with all of its
 * annotations, and a few others.
 */
function ofAnnotations(): readonly string[] {
  const alone = [...ANNOTATION_KEYS].flatMap(([name, { good }]) => good.map((value) => ({ [name]: value })));
  const together = FEATURES.map(({ keys }) =>
    Object.fromEntries(Object.entries(keys).map(([name, { good }]) => [name, good[0] ?? ''])),
  );
  const ingresses = [...alone, ...together, { 'allowlist-source-range': MANY_ADDRESSES }].map((annotations, index) =>
    ingressOf(`i${index}`, annotations),
  );
  const withSlash = ingressOf('slash', {}, '/shop/');
  const snapshot = snapshotOf([...ingresses, withSlash]);
  const { live } = buildFixed(snapshot, new Map(), { redirectsToSlash: true }).artifact;
  return fieldsOf([...live].map(([key, text]) => [key, JSON.parse(text) as unknown]));
}

test('the fields of all written routes are exactly the fields that ROUTE_FIELDS describes', () => {
  const written = new Set([...ofGoldenCases(), ...ofAnnotations()]);
  // This field refers to values that were moved to shared parts.
  written.delete('shared');
  expect([...written].toSorted()).toEqual(Object.keys(ROUTE_FIELDS).toSorted());
});
