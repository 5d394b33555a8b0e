/** Hosts outside the cluster resolve to known addresses, but never to addresses of this machine. */
import { expect, test } from 'vitest';
import { NO_EXCEPTIONS } from '../../../types/addresses.ts';
import type { BackendRef } from '../../../types/plan.ts';
import { backendKey } from '../../contract/backend-key.ts';
import { resolveOutside } from './outside-backends.ts';
import { mirrorUrl } from '../../values/mirror.ts';

function refOf(url: string): BackendRef {
  const parsed = mirrorUrl.parse(url);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value.backend;
}

test('a host name gets its resolved addresses as endpoints, and is listed as a name to resolve', () => {
  const ref = refOf('https://copy.example.com');
  const names = new Map([['copy.example.com', ['192.0.2.1', '2001:db8::1']]]);
  expect(resolveOutside(ref, names, NO_EXCEPTIONS)).toMatchObject({
    externalName: 'copy.example.com',
    lack: undefined,
    backend: {
      endpoints: [
        ['192.0.2.1', 443, 1],
        ['2001:db8::1', 443, 1],
      ],
    },
  });
  expect(resolveOutside(ref, names, NO_EXCEPTIONS)).toBe(resolveOutside(ref, names, NO_EXCEPTIONS));
  expect(resolveOutside(ref, new Map(), NO_EXCEPTIONS)).toMatchObject({ lack: {}, externalName: 'copy.example.com' });
});

test('a host name that resolves only to loopback or link-local addresses, or to no address, has no endpoints', () => {
  for (const addresses of [['127.0.0.1'], ['169.254.169.254'], ['::1'], []]) {
    const found = resolveOutside(
      refOf('http://copy.example.com'),
      new Map([['copy.example.com', addresses]]),
      NO_EXCEPTIONS,
    );
    expect(found).toMatchObject({ backend: { endpoints: [] }, lack: {} });
    expect(found.lack?.code).toBe(addresses.length === 0 ? 'unresolved-external-name' : 'refused-address');
  }
});

test('an IP address in a URL is used as the endpoint', () => {
  const found = resolveOutside(refOf('http://[2001:DB8:0::7]:81'), new Map(), NO_EXCEPTIONS);
  expect(found).toMatchObject({ backend: { endpoints: [['2001:db8::7', 81, 1]] }, externalName: undefined });
});

test('the keys of backends outside the cluster differ from the keys of Services', () => {
  expect(backendKey(refOf('http://copy.example.com'))).toBe('-/copy.example.com/80');
  expect(backendKey(refOf('http://[2001:db8::7]'))).toBe('-6/2001-db8--7/80');
  expect(backendKey(refOf('http://web.shop.svc'))).toBe('shop/web/80');
});
