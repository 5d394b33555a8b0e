import { expect, test } from 'vitest';
import { allowFrom, REFERRING } from './allow-from.ts';

test.each([
  ['shop', [{ namespace: 'shop', by: undefined }]],
  ['*', [{ namespace: '*', by: undefined }]],
  [
    'shop:auth-secret,\n  *:proxy-ssl-secret',
    [
      { namespace: 'shop', by: 'auth-secret' },
      { namespace: '*', by: 'proxy-ssl-secret' },
    ],
  ],
])('%j names namespaces', (text, value) => {
  expect(allowFrom.parse(text)).toEqual({ ok: true, value });
});

test.each(['Shop', 'shop:', 'shop:app-root', 'shop:auth-secret:x', 'a/b', ':auth-secret', '**'])(
  '%j allows nothing, and other items apply',
  (text) => {
    expect(allowFrom.parse(text).ok).toBe(false);
    expect(allowFrom.parse(`${text},blog`)).toMatchObject({ ok: true, value: [{ namespace: 'blog' }] });
  },
);

test('every annotation that refers to an object can be named', () => {
  for (const name of REFERRING) expect(allowFrom.parse(`a:${name}`).ok).toBe(true);
});
