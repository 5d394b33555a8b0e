import { expect, test } from 'vitest';
import { KEEP_EVERYTHING } from '../../types/keeping.ts';
import { admissionReaders } from './admission-reader.ts';

function read(body: string, pieces = 7): unknown {
  const reader = admissionReaders({ ...KEEP_EVERYTHING, textBytes: 1000 })();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += pieces) reader.push(bytes.subarray(at, at + pieces));
  const text = reader.end();
  return text === undefined ? undefined : JSON.parse(text);
}

const object = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'web',
    generateName: 'web-',
    managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}', 'a/b': 'c' },
  },
  spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: {} }] } }] },
  status: {},
};

test('the parts of a review that are used are kept, whatever the chunks are', () => {
  const request = { uid: 'u', operation: 'UPDATE', dryRun: true, userInfo: { username: 'x' }, object, oldObject: null };
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  expect(read(body)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      operation: 'UPDATE',
      object: {
        metadata: { name: 'web', generateName: 'web-', annotations: { 'a/b': 'c' } },
        spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: {} }] } }] },
        status: {},
      },
      oldObject: null,
    },
  });
});

test('long strings are shortened, and an incomplete body is recognized', () => {
  const long = read(
    JSON.stringify({
      request: { uid: 'u'.repeat(10_000), object: { metadata: { annotations: { a: 'x'.repeat(5000) } } } },
    }),
  );
  expect(JSON.stringify(long).length).toBeLessThan(500);
  expect(read('{"request": {"uid": "u"')).toBeUndefined();
});
