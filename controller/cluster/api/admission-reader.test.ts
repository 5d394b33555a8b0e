import { expect, test } from 'vitest';
import { countOf } from '../../types/left-out.ts';
import { KEEP_EVERYTHING } from '../../types/keeping.ts';
import { admissionReaders, readReviewedIngress } from './admission-reader.ts';

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

/** How many bytes of a body are read until it is refused, in chunks of a kilobyte, and why it is. */
function refused(body: string): readonly [number, string | undefined] {
  const reader = admissionReaders(KEEP_EVERYTHING)();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += 1000) {
    const reason = reader.push(bytes.subarray(at, at + 1000));
    if (reason !== undefined) return [at + 1000, reason];
  }
  return [bytes.length, undefined];
}

test.each([
  ['"spec":{"tls":[{"hosts":', '[', /nested more than 32 levels/, 1000],
  ['"metadata":{"uid":', '{"a":', /nested more than 32 levels/, 1000],
  ['"status":{"loadBalancer":{"ingress":[', '[],', /more than 300000 values/, 901_000],
])('a body that is too deep or wide is refused as soon as that is seen: %s', (before, unit, reason, most) => {
  const [bytes, why] = refused(`{"request":{"object":{${before}${unit.repeat(500_000)}`);
  expect(why).toMatch(reason);
  expect(bytes).toBeLessThanOrEqual(most);
});

test.each([['garbage'], ['{}'], [' {"apiVersion"'], [']']])('bytes after the document are refused: %s', (more) => {
  const document = JSON.stringify({ request: { uid: 'u', object } });
  expect(refused(`${document}\n  `)[1]).toBeUndefined();
  expect(refused(`${document}${more}`)[1]).toMatch(/continues after its first JSON value/);
  const reader = admissionReaders(KEEP_EVERYTHING)();
  expect([reader.push(Buffer.from(document)), reader.push(Buffer.from(' '))]).toEqual([undefined, undefined]);
  expect(reader.push(Buffer.from(more))).toMatch(/continues after/);
});

test('the check of an Ingress ends at the first value of a wrong type, and accepts what an API server sends', () => {
  const unread = {
    get host(): string {
      throw new Error('read after a wrong value');
    },
  };
  const metadata = { name: 'web', namespace: 'shop' };
  expect(readReviewedIngress({ metadata, spec: { rules: [1, unread] } }, KEEP_EVERYTHING)).toBeUndefined();
  expect(readReviewedIngress({ metadata, spec: { tls: [{ hosts: [[]] }] } }, KEEP_EVERYTHING)).toBeUndefined();
  expect(readReviewedIngress({ metadata: { ...metadata, annotations: { a: 1 } } }, KEEP_EVERYTHING)).toBeUndefined();
  expect(readReviewedIngress({ ...object, metadata }, KEEP_EVERYTHING)).toMatchObject({ spec: object.spec });
  expect(readReviewedIngress({ metadata, spec: null }, KEEP_EVERYTHING)).toEqual({ metadata });
});

test('a lone surrogate in a body does not look like a mark of what was left out', () => {
  const kept = read('{"request":{"object":{"spec":{"rules":[{"host":"\\ud8007\\ud800"}]}}}}') as {
    request: { object: { spec: { rules: { host: string }[] } } };
  };
  const host = kept.request.object.spec.rules[0]?.host ?? '';
  expect([host, countOf(host)]).toEqual(['\ufffd7\ufffd', undefined]);
});
