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

it('counts how many requests each Service answered', () => {
  const all = [from(1), from(1), from(2), from(3)];
  const shares = { web: { min: 3, max: 3 }, canary: { min: 1, max: 2 } };
  expect(spreadDifferences({ status: 200, backend: { shares } }, all, owners)).toEqual([]);
  const wrong = { web: { min: 0, max: 2 }, canary: { min: 2, max: 4 } };
  expect(spreadDifferences({ status: 200, backend: { shares: wrong } }, all, owners)).toEqual([
    'share of web: expected 0 to 2 of 4 requests, got 3',
    'share of canary: expected 2 to 4 of 4 requests, got 1',
  ]);
});

it('compares the endpoint with the one before', () => {
  const again = { status: 200, backend: { again: true } };
  const another = { status: 200, backend: { again: false } };
  expect(differences(again, from(1), owners, '127.1.0.1:80')).toEqual([]);
  expect(differences(another, from(1), owners, '127.1.0.2:80')).toEqual([]);
  expect(differences(again, from(1), owners, '127.1.0.2:80')).toHaveLength(1);
  expect(differences(another, from(1), owners, '127.1.0.1:80')).toHaveLength(1);
  expect(differences(another, from(1), owners), 'there was none before').toHaveLength(1);
});
