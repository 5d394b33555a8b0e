/** Strings that become one word of nginx.conf are refused if they are too long for nginx. */
import { expect, test } from 'vitest';
import { ANNOTATION_KEYS } from '../features/annotations.ts';
import { SETTING_KEYS } from '../settings/settings.ts';

// Each case has a beginning, a part that is repeated, and a number of repetitions that is too large.
test.each([
  ['annotation auth-realm', 'Staff ', 'x', 5000],
  ['annotation auth-request-redirect', '/', 'x', 5000],
  ['annotation auth-tls-error-page', '/', 'x', 5000],
  ['annotation fastcgi-index', '', 'x', 256],
  ['annotation proxy-cookie-domain', 'a ', 'x', 5000],
  ['annotation proxy-cookie-path', '/ /', 'x', 5000],
  ['annotation proxy-redirect-from', '/', 'x', 5000],
  ['annotation proxy-ssl-ciphers', 'HIGH', ':AES128', 1000],
  ['annotation request-set-headers', 'X-A: ', 'x', 5000],
  // The variable may be replaced by a name of 253 characters.
  ['annotation request-set-headers', 'X-A: ', '$ingress_name', 16],
  ['annotation request-set-headers', 'X-A: ', '"', 2001],
  ['annotation ssl-ciphers', 'HIGH', ':AES128', 1000],
  ['setting access-log-path', '/', 'x', 5000],
  ['setting forwarded-for-header', 'X', 'x', 46],
  ['setting global-auth-request-redirect', '/', 'x', 5000],
  ['setting hide-headers', 'X', 'x', 46],
  ['setting limit-conn-zone-variable', '', '$binary_remote_addr', 220],
  ['setting proxy-cookie-path', '/ /', 'x', 5000],
  ['setting skip-access-log-urls', '/', 'x', 5000],
  ['setting ssl-ciphers', 'HIGH', ':AES128', 1000],
])('%s: %s followed by %s, %i times, is refused', (name, start, unit, times) => {
  const [kind, key = ''] = name.split(' ');
  const parser = (kind === 'setting' ? SETTING_KEYS : ANNOTATION_KEYS).get(key)?.parser;
  expect(parser?.parse(start + unit)).toMatchObject({ ok: true });
  expect(parser?.parse(start + unit.repeat(times))).toMatchObject({ ok: false });
});
