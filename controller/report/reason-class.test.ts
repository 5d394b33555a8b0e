import { expect, it } from 'vitest';
import { liveReasons } from '../app/live-reasons.ts';
import { finish } from '../types/steps.ts';
import { reasonClass } from './reason-class.ts';

it('reasonClass() recognises the reasons for changes to live data', () => {
  const of = (...keys: string[]) => reasonClass(finish(liveReasons(keys, new Map())));
  expect(of('b:shop/web/80')).toBe('endpoints');
  expect(of('c:shop/tls')).toBe('certificate');
  expect(of('c:_')).toBe('certificate');
  expect(of('n:a.example.com')).toBe('certificate');
  expect(of('r:0123')).toBe('route');
  expect(of('g:settings')).toBe('settings');
  expect(of('b:shop/web/80', 'b:shop/api/80')).toBe('endpoints');
  expect(of('b:shop/web/80', 'r:0123')).toBe('several');
});

it('reasonClass() recognises the reasons for reloads, whatever the name of the host is', () => {
  expect(reasonClass(['server block of a.example.com changed by shop/web: server-alias'])).toBe('server-block');
  expect(reasonClass(['new host host.example.com by shop/web', 'host a.example.com removed'])).toBe('host');
  expect(reasonClass(['settings of the ConfigMap changed'])).toBe('settings');
  expect(reasonClass(['nginx.conf differs from the one in use before'])).toBe('other');
  expect(reasonClass([])).toBe('other');
});
