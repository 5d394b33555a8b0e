import { expect, it } from 'vitest';
import { differences, spreadDifferences } from './expect.ts';
import type { Seen } from './seen.ts';

const owners = new Map(
  ['127.1.0.1:80', '127.1.0.2:80', '127.1.0.3:80'].map((name, i) => [
    name,
    { service: i < 2 ? 'web' : 'canary', address: '', port: 80 },
  ]),
);

function from(last: number): Seen {
  const headers = new Map([['echo-endpoint', `127.1.0.${last}:80`]]);
  return {
    status: 200,
    headers,
    setCookies: [],
    body: Buffer.alloc(0),
    trailers: new Map(),
    messages: [],
    certificate: undefined,
    tls: undefined,
    ms: 1,
  };
}

it('spreadDifferences counts how many different endpoints answered', () => {
  const all = [from(1), from(1), from(3)];
  expect(spreadDifferences({ status: 200, backend: { endpoints: 2 } }, all)).toEqual([]);
  expect(spreadDifferences({ status: 200, backend: { endpoints: 3 } }, all)).toHaveLength(1);
  expect(spreadDifferences({ status: 200, backend: {} }, all)).toEqual([]);
});

it('`again` compares the endpoint with the endpoint of the previous request', () => {
  const again = { status: 200, backend: { again: true } };
  const another = { status: 200, backend: { again: false } };
  expect(differences(again, from(1), owners, '127.1.0.1:80')).toEqual([]);
  expect(differences(another, from(1), owners, '127.1.0.2:80')).toEqual([]);
  expect(differences(again, from(1), owners, '127.1.0.2:80')).toHaveLength(1);
  expect(differences(another, from(1), owners, '127.1.0.1:80')).toHaveLength(1);
  expect(differences(another, from(1), owners), 'there was no previous request').toHaveLength(1);
});
