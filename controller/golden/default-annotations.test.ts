/** An annotation with the default value of ingress-nginx changes nothing: the results with and without it are equal. */
import type { V1ConfigMap, V1Ingress, V1Secret } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import type { StaticOptions } from '../app/build.ts';
import { DEFAULT_PREFIX, FEATURES } from '../model/features/annotations.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { buildFixed } from './build-fixed.ts';
import { ANNOTATIONS, asWritten } from './catalogue/catalogue.ts';
import { base64 } from './incremental/names.ts';

const { cert, key } = await issue(['a.test'], undefined, true);
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  login: { auth: 'alice:{PLAIN}one\n' },
  ca: { 'ca.crt': cert, 'tls.crt': cert, 'tls.key': key },
};

/** Annotations without which other annotations have no effect. */
const BESIDE: readonly (readonly [names: RegExp, beside: Readonly<Record<string, string>>])[] = [
  [/^permanent-redirect-code$/, { 'permanent-redirect': 'https://other.test/' }],
  [/^temporal-redirect-code$/, { 'temporal-redirect': 'https://other.test/' }],
  [/^auth-secret-type$/, { 'auth-type': 'basic', 'auth-secret': 'login' }],
  [
    /^auth-(signin-redirect-param|cache-duration|keepalive.*|always-set-cookie)$/,
    {
      'auth-url': 'http://login.test/check',
      'auth-signin': 'https://login.test/start',
      'auth-cache-key': '$remote_user$http_authorization',
    },
  ],
  [/^auth-keepalive-/, { 'auth-keepalive': '4' }],
  [/^auth-tls-/, { 'auth-tls-secret': 'shop/ca' }],
  [/^limit-burst/, { 'limit-rps': '1' }],
  [/^canary-|^affinity-canary/, { canary: 'true', 'canary-by-header': 'x-new' }],
  [/^canary-weight-total$/, { 'canary-weight': '10' }],
  [/^affinity-mode|^session-cookie-/, { affinity: 'cookie' }],
  [/-samesite-none$/, { 'session-cookie-samesite': 'None' }],
  [/^upstream-hash-by-/, { 'upstream-hash-by': '$request_uri' }],
  [/-subset-size$/, { 'upstream-hash-by-subset': 'true' }],
  [/^proxy-ssl-/, { 'proxy-ssl-secret': 'shop/ca', 'backend-protocol': 'HTTPS' }],
  [/^cors-/, { 'enable-cors': 'true' }],
  [/^enable-rewrite-log$/, { 'rewrite-target': '/x' }],
  [/^mirror-/, { 'mirror-target': 'https://copy.test' }],
];

/** Settings without which annotations have no effect. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'enable-global-auth': { 'global-auth-url': 'http://login.test/check' },
  'disable-proxy-intercept-errors': { 'custom-http-errors': '503' },
};

/** Flags without which annotations have no effect. */
const FLAGS: Readonly<Record<string, Partial<StaticOptions>>> = { 'ssl-passthrough': { sslPassthrough: true } };

/** Annotations whose defaults differ on purpose: our default, as written, and the reason. */
const OTHER_DEFAULTS: Readonly<Record<string, readonly [ours: string, why: string]>> = {
  'proxy-ssl-protocols': ['TLSv1.2 TLSv1.3', 'docs/differences.md'],
};

/**
 * Defaults that change the result, but not its meaning: NGINX's own default becomes explicit, or a list contains
 * spaces. The result contains the text given here.
 */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'proxy-ssl-ciphers': 'proxy_ssl_ciphers "DEFAULT";',
  'cors-allow-headers':
    'DNT, Keep-Alive, User-Agent, X-Requested-With, If-Modified-Since, Cache-Control, Content-Type, Range, Authorization',
};

function ingress(name: string, annotations: Readonly<Record<string, string>>): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const prefixed = Object.entries(annotations).map(([each, value]) => [`${DEFAULT_PREFIX}/${each}`, value]);
  return {
    metadata: { namespace: 'shop', name, annotations: Object.fromEntries(prefixed) },
    spec: {
      rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      tls: [{ hosts: ['a.test'] }],
    },
  };
}

const CANARY = { canary: 'true', 'canary-weight': '1' };

/** Everything that NGINX gets for an Ingress with these annotations. */
function outcome(name: string, annotations: Readonly<Record<string, string>>) {
  const secrets = Object.entries(SECRETS).map(([each, data]): [string, V1Secret] => {
    const encoded = Object.fromEntries(Object.entries(data).map(([file, text]) => [file, base64(text)]));
    return [`shop/${each}`, { metadata: { namespace: 'shop', name: each }, data: encoded }];
  });
  const settings: V1ConfigMap = {
    metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
    data: { ...SETTINGS[name] },
  };
  const both = [ingress('own', annotations), ingress('other', annotations['canary'] === 'true' ? {} : CANARY)];
  const snapshot: Snapshot = {
    ...emptySnapshot(),
    Ingress: new Map(both.map((each) => [`shop/${each.metadata?.name ?? ''}`, each])),
    Secret: new Map(secrets),
    ConfigMap: new Map([['ingress-nginx/ingress-nginx-controller', settings]]),
  };
  const { artifact, plan } = buildFixed(snapshot, new Map(), FLAGS[name]);
  return { conf: artifact.conf, live: [...artifact.live], streams: [...plan.streamFiles] };
}

const keys = new Map(FEATURES.flatMap((feature) => Object.entries(feature.keys)));
const known = ANNOTATIONS.filter(
  ({ name, default: standard }) => asWritten(standard) !== '' && keys.get(name)?.setting === undefined,
);

test.each(known)(
  'the default value of $name changes nothing, and other values do if the annotation has an effect',
  ({ name, default: standard }) => {
    const beside = Object.assign({}, ...BESIDE.flatMap(([names, some]) => (names.test(name) ? [some] : []))) as Record<
      string,
      string
    >;
    const without = outcome(name, beside);
    const written = OTHER_DEFAULTS[name]?.[0] ?? asWritten(standard);
    const changedTo = outcome(name, { ...beside, [name]: written });
    const words = OTHER_WORDS[name];
    if (words === undefined) expect(changedTo).toEqual(without);
    else expect([changedTo.conf, ...changedTo.live.map(([, text]) => text)].join('\n')).toContain(words);
    const others = (keys.get(name)?.good ?? []).filter((good) => good !== written);
    const changed = others.filter(
      (good) => JSON.stringify(outcome(name, { ...beside, [name]: good })) !== JSON.stringify(without),
    );
    expect(changed.length > 0, others.join(' | ')).toBe(keys.get(name)?.verdict === undefined);
  },
);
