/** The features that `npm run bench features` measures: annotations and settings that are typical in production. */
import { NAMESPACE } from '../e2e/behaviour/site.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';

export interface Feature {
  /** Also the first label of the feature's host name: letters, digits and hyphens. */
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of a canary, which is a second Ingress for the same host. */
  readonly canary?: Readonly<Record<string, string>>;
  /** ConfigMap keys; a feature with such keys gets its own NGINX. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether NGINX counts requests for metrics, with the default flags; such a feature gets its own NGINX. */
  readonly metrics?: true;
  readonly objects?: readonly KubernetesObject[];
  /** The path of the Ingress; `/` by default. */
  readonly path?: string;
  /** The path that is requested; `/` by default. */
  readonly asked?: string;
  /** Headers of the requests. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether requests carry the cookies that a first response sets. */
  readonly returning?: true;
  /** Whether requests use TLS; they are then compared with a baseline over TLS. */
  readonly tls?: true;
  /** Whether `wholeSet` leaves the feature out, because another one overrides it, or because it is uncommon. */
  readonly apart?: true;
}

function configMap(name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data };
}
const HEADERS = configMap('headers', { 'X-Frame-Options': 'SAMEORIGIN', 'X-Content-Type-Options': 'nosniff' });
const FOR_BACKENDS = configMap('for-backends', { 'X-Shop': 'one', 'X-Client': '$remote_addr' });
const STICKY = { affinity: 'cookie', 'session-cookie-name': 'route', 'session-cookie-max-age': '3600' };
const ORIGIN = 'https://shop.example.test';
const TIMEOUTS = { 'proxy-connect-timeout': '5', 'proxy-read-timeout': '120', 'proxy-send-timeout': '120' };

export const FEATURES: readonly Feature[] = [
  { name: 'body-size', annotations: { 'proxy-body-size': '50m' } },
  { name: 'timeouts', annotations: TIMEOUTS },
  {
    name: 'buffers',
    annotations: { 'proxy-buffering': 'on', 'proxy-buffer-size': '16k', 'proxy-buffers-number': '8' },
  },
  {
    name: 'retries',
    annotations: { 'proxy-next-upstream': 'error timeout http_502', 'proxy-next-upstream-tries': '2' },
  },
  { name: 'rewrite', annotations: { 'rewrite-target': '/$2' }, path: '/api(/|$)(.*)', asked: '/api/items/1' },
  { name: 'ssl-redirect', annotations: { 'ssl-redirect': 'true' }, tls: true },
  { name: 'allowlist', annotations: { 'whitelist-source-range': '127.0.0.0/8,10.0.0.0/8,2001:db8::/32' } },
  {
    name: 'custom-headers',
    annotations: { 'custom-headers': `${NAMESPACE}/headers` },
    settings: { 'global-allowed-response-headers': 'X-Frame-Options,X-Content-Type-Options' },
    objects: [HEADERS],
  },
  { name: 'affinity-new-client', annotations: STICKY, apart: true },
  { name: 'affinity', annotations: STICKY, returning: true },
  { name: 'canary', canary: { canary: 'true', 'canary-weight': '10' } },
  { name: 'least-conn', annotations: { 'load-balance': 'least_conn' }, apart: true },
  { name: 'ewma', annotations: { 'load-balance': 'ewma' }, apart: true },
  { name: 'hash-by', annotations: { 'upstream-hash-by': '$request_uri' }, apart: true },
  {
    name: 'cors',
    annotations: { 'enable-cors': 'true', 'cors-allow-origin': ORIGIN, 'cors-allow-credentials': 'true' },
    headers: { Origin: ORIGIN },
  },
  { name: 'limit-rps', annotations: { 'limit-rps': '1000000' } },
  { name: 'limit-connections', annotations: { 'limit-connections': '10000' } },
  {
    name: 'request-headers',
    annotations: { 'request-set-headers': 'X-Shop: one', 'request-remove-headers': 'X-Debug' },
  },
  {
    name: 'response-headers',
    annotations: { 'response-set-headers': 'X-Frame-Options: DENY', 'response-remove-headers': 'X-Powered-By' },
  },
  {
    name: 'proxy-set-headers',
    settings: { 'proxy-set-headers': `${NAMESPACE}/for-backends` },
    objects: [FOR_BACKENDS],
  },
  {
    name: 'configuration-snippet',
    annotations: { 'configuration-snippet': 'proxy_set_header X-Team shop;' },
    settings: { 'allow-snippet-annotations': 'true', 'annotations-risk-level': 'Critical' },
  },
  { name: 'upstream-vhost', annotations: { 'upstream-vhost': 'shop.internal' } },
  {
    name: 'forwarded-prefix',
    annotations: { 'rewrite-target': '/$2', 'x-forwarded-prefix': '/api' },
    path: '/api(/|$)(.*)',
    asked: '/api/items/1',
    apart: true,
  },
  { name: 'metrics', metrics: true, apart: true },
  {
    name: 'error-pages',
    annotations: { 'custom-http-errors': '502,503', 'default-backend': 'error-pages' },
    apart: true,
  },
];

const { entries, fromEntries } = Object;

/** A feature that combines all features without `apart` in one location, as on a busy site. */
export function wholeSet(features = FEATURES): Feature {
  const parts = features.filter(({ apart }) => apart !== true);
  const merge = (field: 'annotations' | 'canary' | 'settings' | 'headers') =>
    fromEntries(parts.flatMap((part) => entries(part[field] ?? {})));
  const { path = '/', asked = '/' } = parts.find((part) => part.path !== undefined) ?? {};
  return {
    name: 'whole-set',
    path,
    asked,
    annotations: merge('annotations'),
    canary: merge('canary'),
    settings: merge('settings'),
    headers: merge('headers'),
    objects: parts.flatMap(({ objects = [] }) => objects),
    returning: true,
  };
}
