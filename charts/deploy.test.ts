import type { V1Deployment, V1Service } from '@kubernetes/client-node';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, MANIFESTS } from './deploy.ts';
import { helm, objectsOf, only } from './helm.ts';
import { checkObject } from './object-check.ts';

const DEPLOY = join(import.meta.dirname, '../deploy');

test('the folder deploy/ contains exactly the manifests that charts/deploy.ts writes', () => {
  expect(readdirSync(DEPLOY).toSorted()).toEqual(Object.keys(MANIFESTS).toSorted());
});

describe.skipIf(helm === undefined)('the folder deploy/', () => {
  test.for(Object.keys(MANIFESTS))('contains %s as `node charts/deploy.ts` renders it', async (name) => {
    const text = readFileSync(join(DEPLOY, name), 'utf8');
    expect(text).toBe(await manifest(name));
    const objects = objectsOf(text);
    expect(objects[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'ingress-nginx' } });
    expect(objects.flatMap((object) => checkObject(object) ?? [`${object.kind} is not known`])).toEqual([]);
    expect(text).not.toContain('helm');
    const ports = only<V1Service>(objects, 'Service', 'ingress-nginx-controller').spec?.ports?.map(
      ({ targetPort }) => targetPort,
    );
    expect(ports).toEqual(['http', 'https']);
    const workload = objects.find(
      ({ kind }) => kind === 'Deployment' || kind === 'DaemonSet',
    ) as unknown as V1Deployment;
    const template = workload.spec?.template;
    // The ports are declared on an ordinary container, whose ports every version of Kubernetes finds by name.
    expect(template?.spec?.containers[0]?.ports?.map((port) => port.name)).toEqual(expect.arrayContaining(ports ?? []));
    expect(template?.metadata?.annotations?.['kubectl.kubernetes.io/default-container']).toBe('controller');
  });
});
