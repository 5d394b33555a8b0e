/**
 * If the value of a key that guards access is invalid, the value in force must not allow more than a valid one would.
 */
import { expect, test } from 'vitest';
import { replacementsOf } from '../replaced-snippet.ts';
import { NO_TEXTS, type SettingTexts } from '../../contract/setting-texts.ts';
import { SETTING_FEATURES } from './registry.gen.ts';
import { readSettings, SETTING_KEYS } from '../settings.ts';

const EVERYBODY = ['0.0.0.0/0', '::/0'];
const EVERY_HEADER = { texts: [], patterns: ['^'] };
const DEFAULT = Symbol('the default, because no other value is stricter');

/** Key → the value in force if the written value is invalid and no good value is known. */
const STRICT: Readonly<Record<string, unknown>> = {
  'whitelist-source-range': [],
  'denylist-source-range': EVERYBODY,
  'block-cidrs': EVERYBODY,
  'block-user-agents': EVERY_HEADER,
  'block-referers': EVERY_HEADER,
  'nginx-status-ipv4-whitelist': [],
  'nginx-status-ipv6-whitelist': [],
  'no-auth-locations': [],
  'no-tls-redirect-locations': [],
  'allow-cross-namespace-resources': false,
  'allow-snippet-annotations': false,
  'snippet-namespaces': [''],
  'annotations-risk-level': 'Low',
  'annotation-value-word-blocklist': [''],
  'global-auth-url': 'unreadable',
  'global-auth-method': 'unreadable',
  'global-auth-response-headers': 'unreadable',
  'global-auth-snippet': 'unreadable',
  'global-auth-cache-duration': [],
  // By default nothing is cached.
  'global-auth-cache-key': DEFAULT,
  'proxy-real-ip-cidr': [],
  'forwarded-for-header': null,
  // By default, these features are off. The two keys that name a header do not decide whether a header is trusted.
  'use-forwarded-headers': DEFAULT,
  'enable-real-ip': DEFAULT,
  'use-proxy-protocol': DEFAULT,
  'compute-full-forwarded-for': DEFAULT,
  'forwarded-for-proxy-protocol-header': DEFAULT,
  'forwarded-host-header': DEFAULT,
  'ssl-redirect': DEFAULT,
  'force-ssl-redirect': true,
  hsts: DEFAULT,
  'hsts-max-age': DEFAULT,
  'hsts-include-subdomains': DEFAULT,
  // The defaults are TLS 1.2 and 1.3, and ciphers with forward secrecy.
  'ssl-protocols': DEFAULT,
  'ssl-ciphers': DEFAULT,
  'bind-address': ['127.0.0.1'],
  'bind-address-ipv4': ['127.0.0.1'],
  'bind-address-ipv6': ['::1'],
};

/** Keys in the chapters about access that do not guard access. */
const NO_GUARDS = [
  'enable-auth-access-log',
  'global-auth-always-set-cookie',
  'global-auth-request-redirect',
  'global-auth-signin',
  'global-auth-signin-redirect-param',
];
/** Keys whose invalid value is replaced by the strictest one even if a good value is known. */
const AT_ONCE = ['allow-cross-namespace-resources', 'allow-snippet-annotations', 'snippet-namespaces'];
/** golden/snippet-guards.test.ts covers snippets, because each of their directives is judged separately. */
const isSnippet = (name: string) => name.endsWith('-snippet') && name !== 'global-auth-snippet';

const guards = [...SETTING_KEYS].filter(([name, key]) => key.guards === true && !isSnippet(name));
const cases = guards.flatMap(([name, key]) => key.bad.map((bad) => [name, bad, key] as const));

function read(name: string, text: string, texts: SettingTexts = NO_TEXTS) {
  const data = { [name]: text };
  const result = readSettings({ data }, undefined, replacementsOf(data, texts, SETTING_KEYS));
  const value: unknown = Reflect.get(result.settings, name);
  return { value, texts: result.texts, problems: result.problems.filter(({ field }) => field?.[1] === name) };
}

test('the table of this test lists every key that guards access', () => {
  expect(guards.map(([name]) => name).sort()).toEqual(Object.keys(STRICT).sort());
  const chapters = new Set(['Access', 'External authentication', 'Client address']);
  const others = SETTING_FEATURES.filter(({ chapter }) => chapters.has(chapter))
    .flatMap(({ keys }) => Object.keys(keys))
    .filter((name) => SETTING_KEYS.get(name)?.guards !== true);
  expect(others.sort()).toEqual(NO_GUARDS);
  for (const [name, key] of guards)
    expect(key.holds !== undefined, name).toBe(key.closed !== undefined || key.shut !== undefined);
});

test.each(cases)(
  '%s: at the first start, the invalid value %s is replaced by the strictest value',
  (name, bad, key) => {
    const strict = STRICT[name] === DEFAULT ? key.fallback : STRICT[name];
    const first = read(name, bad);
    expect(first.value).toEqual(strict);
    expect(first.problems).toMatchObject([{ severity: 'error', code: 'invalid-setting' }]);
    expect(first.problems[0]?.message).toContain(`; ${key.holds ?? 'its default is used'}`);
    // The next build knows the values that NGINX runs with, even if the controller was restarted.
    const again = read(name, bad, { good: first.texts, refused: new Map(), running: true });
    expect(again.value).toEqual(strict);
    expect(again.problems).toMatchObject([{ severity: 'error' }]);
    // Another invalid value does not change the value in force; if it becomes empty, the default applies, or
    // the strictest value.
    const other = read(name, `${bad}\u0001`, { good: first.texts, refused: new Map(), running: true });
    if (!key.parser.parse(`${bad}\u0001`).ok) expect(other.value).toEqual(strict);
    expect(read(name, '', { good: first.texts, refused: new Map(), running: true }).value).toEqual(
      key.emptyCloses === undefined ? key.fallback : strict,
    );
  },
);

test.each(cases)(
  '%s: after a good value, the invalid value %s does not allow more than that value',
  (name, bad, key) => {
    for (const good of key.good) {
      const parsed = key.parser.parse(good);
      const texts = { good: new Map([[name, good]]), refused: new Map(), running: true as const };
      const { value, problems } = read(name, bad, texts);
      expect(value).toEqual(AT_ONCE.includes(name) ? STRICT[name] : parsed.ok && parsed.value);
      expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
    }
  },
);

test.each(cases.filter(([, , key]) => key.shut !== undefined))(
  '%s: the invalid value %s is ignored while NGINX runs without the key',
  (name, bad, key) => {
    const { value, problems } = read(name, bad, { ...NO_TEXTS, running: true });
    expect(value).toEqual(key.fallback);
    expect(problems[0]?.message).toMatch(/; the key was absent before, and is ignored$/);
  },
);

/** Lists: the valid items apply even if another item is invalid. */
test.each([
  ['whitelist-source-range', '10.0.0.0/8,office', ['10.0.0.0/8'], 'office'],
  ['denylist-source-range', '10.0.0.0/33, 192.0.2.0/24', ['192.0.2.0/24'], '10.0.0.0/33'],
  ['block-cidrs', '192.0.2.0/24,bad', ['192.0.2.0/24'], 'bad'],
  ['block-user-agents', 'a,~(', { texts: ['a'], patterns: [] }, '~('],
  ['block-referers', '~(a+)+$,~b', { texts: [], patterns: ['b'] }, '~(a+)+$'],
  ['proxy-real-ip-cidr', '10.0.0.0/8,lb', ['10.0.0.0/8'], 'lb'],
  ['no-auth-locations', 'health,/ready', ['/ready'], 'health'],
  ['no-tls-redirect-locations', '/a,b', ['/a'], 'b'],
  ['global-auth-response-headers', 'X-User,X Groups', ['X-User'], 'X Groups'],
  ['nginx-status-ipv4-whitelist', '10.0.0.0/8,x', ['10.0.0.0/8'], 'x'],
  ['ssl-protocols', 'TLSv1.3 TLSv1.4', ['TLSv1.3'], 'TLSv1.4'],
  ['bind-address', '10.0.0.5,eth0', ['10.0.0.5'], 'eth0'],
  ['snippet-namespaces', 'shop,Blog', ['shop'], 'Blog'],
])('%s: the list %s, which contains an invalid item, applies without that item', (name, text, value, item) => {
  for (const texts of [NO_TEXTS, { good: new Map([[name, text]]), refused: new Map(), running: true as const }]) {
    const result = read(name, text, texts);
    expect(result.value).toEqual(value);
    expect(result.problems).toMatchObject([{ severity: 'error', field: ['data', name] }]);
    expect(result.problems[0]?.message).toContain(item);
  }
});

test('a list of ciphers with invalid items is rejected as a whole, because these items may be exclusions', () => {
  expect(read('ssl-ciphers', 'HIGH:!aNULL;:!MD5').value).toEqual(SETTING_KEYS.get('ssl-ciphers')?.fallback);
});
