import { bytes, literal, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { objectKey } from '../../values/names.ts';
import { bool, byteCount } from '../../values/scalars.ts';
import { serverCiphers } from '../../values/tls-ciphers.ts';
import { tlsCurves } from '../../values/tls-curves.ts';
import { allTlsVersions, TLS_VERSIONS } from '../../values/tls-versions.ts';

/** Forward secrecy and authenticated encryption; the order is the server's. */
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
        'Versions of TLS that clients may use. What is not one of them is dropped, the others hold. OpenSSL lets nobody in with TLSv1 and TLSv1.1 unless `ssl-ciphers` says ' +
        '`@SECLEVEL=0`.',
      good: ['TLSv1.2 TLSv1.3', 'TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
      bad: ['SSLv3', 'TLSv1.2,TLSv1.3', 'tls1.2'],
    },
    'ssl-ciphers': {
      parser: serverCiphers,
      fallback: CIPHERS,
      guards: true,
      about:
        "Ciphers of TLS up to 1.2 that clients may use, as OpenSSL writes them; NGINX's order goes before that of the " +
        'client. A list that selects nothing is refused: NGINX would not start.',
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
      about: 'Groups for the exchange of keys, the preferred one first; auto leaves them to OpenSSL.',
      good: ['auto', 'X25519:prime256v1:secp384r1', 'P-384'],
      bad: ['secp160r1', 'X25519,P-256', 'AUTO'],
    },
    'ssl-early-data': {
      parser: bool,
      fallback: false,
      about:
        'Requests in the first flight of a resumed TLS 1.3 session are taken. Who overheard one may send it again: only ' +
        'for applications that stand that.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'ssl-buffer-size': {
      parser: byteCount(512, 1024 ** 2),
      fallback: 4096,
      written: '4k',
      about: 'Size of the pieces in which answers are encrypted: small ones arrive sooner, large ones cost less.',
      good: ['4k', '16k', '1400'],
      bad: ['0', '2m', 'small'],
    },
    'ssl-reject-handshake': {
      parser: bool,
      fallback: false,
      about:
        'TLS handshakes for a name that no Ingress has, or for none, are refused in place of the default certificate.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'ssl-dh-param': {
      parser: objectKey,
      fallback: undefined,
      about:
        'Secret with parameters for DHE ciphers in `dhparam.pem`, 2048 bits at least; it is followed when it changes. Without ' +
        'it there is no DHE; in place of one that cannot be read its last good one stays in force.',
      good: ['ingress-nginx/dh-parameters'],
      bad: ['dh-parameters', 'a/b/c'],
    },
    'proxy-ssl-location-only': {
      parser: bool,
      fallback: false,
      about: 'Limits proxy-ssl-* annotations to the paths of their own Ingress.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: { kind: 'no-effect', why: 'proxy-ssl-* annotations never reach beyond the paths of their own Ingress' },
    },
    'enable-ocsp': {
      parser: bool,
      fallback: false,
      about: 'Answers of the certificate authority about the certificates are stapled to handshakes.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: { kind: 'later', why: 'handshakes go without a stapled answer of the certificate authority' },
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
