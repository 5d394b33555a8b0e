import { expect, test } from 'vitest';
import { backendOf, backendsByService, destinationsOf, endpointShares, type RouteItem, serviceText } from './shares.ts';

const port = (service: string, viaService = false) => ({ namespace: 'shop', service, port: 80, viaService });
const endpoint = (weight: number, leftOutSeconds: number | null = null) => ({
  address: '10.0.0.1',
  port: 8080,
  weight,
  leftOutSeconds,
});

const ROUTE: RouteItem = {
  host: 'shop.example.com',
  path: '/',
  match: 'prefix',
  pattern: '/',
  ingress: 'shop/web',
  answer: 'backend',
  backend: port('web'),
  status: null,
  closedBy: null,
  redirect: null,
  fallback: port('sorry'),
  canaries: [
    { backend: port('next'), weight: 20, total: 100, header: 'X-Next', cookie: null },
    { backend: port('beta'), weight: 0, total: 100, header: null, cookie: 'beta' },
  ],
  tlsRedirect: 'never',
  id: '0',
};

test('what canaries do not get goes to the main backend', () => {
  expect(destinationsOf(ROUTE).map(({ backend, ...rest }) => [serviceText(backend), rest])).toEqual([
    ['shop/web:80', { role: 'main', share: 0.8, selectors: [] }],
    ['shop/next:80', { role: 'canary', share: 0.2, selectors: ['header X-Next'] }],
    ['shop/beta:80', { role: 'canary', share: 0, selectors: ['cookie beta'] }],
    ['shop/sorry:80', { role: 'fallback', share: null, selectors: [] }],
  ]);
  expect(destinationsOf({ ...ROUTE, answer: 'deny', backend: null })).toEqual([]);
});

test('the shares of endpoints follow their weights, and an endpoint that is left out gets none', () => {
  expect(endpointShares([endpoint(1), endpoint(3)])).toEqual([0.25, 0.75]);
  expect(endpointShares([endpoint(1), endpoint(1, 5), endpoint(1)])).toEqual([0.5, 0, 0.5]);
  expect(endpointShares([endpoint(1, 5), endpoint(1, 5)])).toEqual([0.5, 0.5]);
  expect(endpointShares([endpoint(0), endpoint(0)])).toEqual([0.5, 0.5]);
  expect(endpointShares([])).toEqual([]);
});

test('a Service port with and without the address of the Service are different backends', () => {
  const items = [false, true].map((viaService) => ({
    backend: port('web', viaService),
    key: `${viaService}`,
    endpoints: [],
  }));
  const known = backendsByService(items);
  expect([port('web'), port('web', true), port('none')].map((each) => backendOf(known, each)?.key)).toEqual([
    'false',
    'true',
    undefined,
  ]);
  expect(serviceText({ namespace: '', service: 'example.com', port: 443, viaService: false })).toBe('example.com:443');
});
