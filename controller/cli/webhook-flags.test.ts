import { expect, test } from 'vitest';
import { listenAddress } from './webhook-flags.ts';

test.each([
  [':8444', { host: '', port: 8444 }],
  ['127.0.0.1:8444', { host: '127.0.0.1', port: 8444 }],
  ['[::]:8444', { host: '::', port: 8444 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
])('%s is an address to listen on', (text, address) => {
  expect(listenAddress(text)).toEqual(address);
});

test.each(['', '8444', ':', ':0', ':65536', '::8444', 'a b:8444', ':84 44', '[x]:8444'])('%j is not one', (text) => {
  expect(listenAddress(text)).toBeUndefined();
});
