import { bytes, literal, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { objectKey } from '../../values/names.ts';
import { bool, byteCount } from '../../values/scalars.ts';
import { serverCiphers } from '../../values/tls-ciphers.ts';
import { tlsCurves } from '../../values/tls-curves.ts';
import { allTlsVersions, TLS_VERSIONS } from '../../values/tls-versions.ts';

/** Ciphers with forward secrecy and authenticated encryption, in the server's order of preference. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
].join(':');

export default settings({
  chapter: 'TLS',
  keys: {
    'ssl-protocols': {
      parser: allTlsVersions,
      fallback: TLS_VERSIONS,
      written: TLS_VERSIONS.join(' '),
      guards: true,
      about:
        'TLS versions that clients may use. Invalid items are dropped; the others apply. With TLSv1 and TLSv1.1, ' +
        'OpenSSL refuses all clients unless `ssl-ciphers` contains `@SECLEVEL=0`.',
      good: ['TLSv1.2 TLSv1.3', 'TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
      bad: ['SSLv3', 'TLSv1.2,TLSv1.3', 'tls1.2'],
    },
    'ssl-ciphers': {
      parser: serverCiphers,
      fallback: CIPHERS,
      guards: true,
      about:
        "Ciphers of TLS up to 1.2 that clients may use, in OpenSSL's syntax; the server's order takes precedence " +
        "over the client's. A list that selects no cipher is refused, because NGINX would not start with it.",
      good: [
        'HIGH:!aNULL:!MD5',
        'ALL:@SECLEVEL=0',
        'HIGH:@SECLEVEL=3',
        'ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256',
      ],
      bad: ['FOO', 'HIGH;', 'HIGH:@SECLEVEL=4'],
    },
    'ssl-ecdh-curve': {
      parser: tlsCurves,
      fallback: ['auto'],
      written: 'auto',
      about: 'Groups for the key exchange, the preferred one first; auto leaves the choice to OpenSSL.',
      good: ['auto', 'X25519:prime256v1:secp384r1', 'P-384'],
      bad: ['secp160r1', 'X25519,P-256', 'AUTO'],
    },
    'ssl-early-data': {
      parser: bool,
      fallback: false,
      about:
        'Requests in the early data (0-RTT) of a resumed TLS 1.3 session are accepted. An attacker who records such ' +
        'requests can replay them: enable this only for applications that tolerate replays.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'ssl-buffer-size': {
      parser: byteCount(512, 1024 ** 2),
      fallback: 4096,
      written: '4k',
      about:
        'Maximum size of the TLS records in which responses are sent. Small records reduce latency, large ones ' +
        'reduce overhead.',
      good: ['4k', '16k', '1400'],
      bad: ['0', '2m', 'small'],
    },
    'ssl-reject-handshake': {
      parser: bool,
      fallback: false,
      about:
        'TLS handshakes without a server name, or with a name that no Ingress has, are rejected; otherwise such ' +
        'clients get the default certificate.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'ssl-dh-param': {
      parser: objectKey,
      fallback: undefined,
      about:
        'Secret with parameters for DHE ciphers in `dhparam.pem`, of at least 2048 bits. Changes to the Secret take ' +
        'effect automatically. Without a Secret, clients cannot use DHE ciphers. If the Secret becomes unusable, its ' +
        'last good content stays in force.',
      good: ['ingress-nginx/dh-parameters'],
      bad: ['dh-parameters', 'a/b/c'],
    },
    'proxy-ssl-location-only': {
      parser: bool,
      fallback: false,
      about: 'Limits proxy-ssl-* annotations to the paths of their own Ingress.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: { kind: 'no-effect', why: 'proxy-ssl-* annotations never affect paths of other Ingresses' },
    },
    'enable-ocsp': {
      parser: bool,
      fallback: false,
      about: 'OCSP responses of the certificate authority are stapled to handshakes.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: { kind: 'later', why: 'OCSP responses are not stapled to handshakes' },
    },
  },
  contribute: (values) => ({
    http: [
      directive('ssl_protocols', ...values['ssl-protocols'].map(word)),
      directive('ssl_ciphers', literal(values['ssl-ciphers'])),
      directive('ssl_prefer_server_ciphers', word('on')),
      directive('ssl_ecdh_curve', literal(values['ssl-ecdh-curve'].join(':'))),
      directive('ssl_early_data', word(values['ssl-early-data'] ? 'on' : 'off')),
      directive('ssl_buffer_size', bytes(values['ssl-buffer-size'])),
    ],
  }),
});
