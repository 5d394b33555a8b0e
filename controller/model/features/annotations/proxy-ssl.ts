import type { V1Secret } from '@kubernetes/client-node';
import { filePath, integer, literal, word } from '../../../types/conf-value.ts';
import type { FilePlan } from '../../../types/plan.ts';
import type { Problem } from '../../../types/problem.ts';
import { annotations, type BackendTls, type LocationContext } from '../annotation.ts';
import { closed } from '../closed.ts';
import { backendCredentials, tellCredentials } from '../backend-credentials.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { elsewhereOf, namedSecret } from '../named-object.ts';
import { hostname, namespacedName } from '../../values/names.ts';
import { oneWordOf, wholeNumber } from '../../values/scalars.ts';
import { tlsCiphers } from '../../values/tls-ciphers.ts';
import { TLS_VERSIONS, tlsVersions } from '../../values/tls-versions.ts';

const onOff = {
  parser: oneWordOf(['on', 'off']),
  onInvalid: 'ignored',
  scope: 'location',
  risk: 'low',
  live: false,
} as const;

/** Reports annotations that have no effect because proxy-ssl-secret is absent. */
function reportLonely(lonely: readonly string[], { report, annotationField }: LocationContext): void {
  const [first] = lonely;
  if (first === undefined) return;
  report({
    code: 'proxy-ssl-without-secret',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(first),
    message: `${lonely.join(', ')}: no effect without proxy-ssl-secret`,
    example: 'proxy-ssl-secret: shop/backend-ca',
  });
}

export default annotations({
  group: 'TLS to the backend',
  keys: {
    'proxy-ssl-secret': {
      parser: namespacedName,
      onInvalid: 'denied',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        "Secret of the Ingress's own namespace (or namespace/name, see `allow-cross-namespace-resources` and " +
        '`tidegate.dev/allow-from` in docs/tenants.md) with `ca.crt` (to verify the backend), or `tls.crt` and `tls.key` (the client certificate that is presented), or ' +
        'both. If the Secret does not exist or lacks these keys, the paths answer 503. If it becomes invalid, its ' +
        'last good content stays in force; if there is none, the paths answer 503.',
      good: ['shop/backend-ca'],
      bad: ['backend-ca', 'a/b/c'],
    },
    'proxy-ssl-verify': {
      ...onOff,
      instead: 'on',
      about:
        "Whether the backend's certificate is verified against `ca.crt`; if the certificate is not valid, requests " +
        'get 502. Set proxy-ssl-name as well. An invalid value counts as on.',
      good: ['on', 'off'],
      bad: ['true'],
    },
    'proxy-ssl-verify-depth': {
      ...onOff,
      parser: wholeNumber(0, 32),
      about: 'Maximum number of intermediate certificates in the chain; 1 if absent or 0.',
      good: ['1', '3', '0'],
      bad: ['-1', 'deep'],
    },
    'proxy-ssl-name': {
      ...onOff,
      parser: hostname,
      risk: 'high',
      about: "Name that the backend's certificate must have, and the SNI if proxy-ssl-server-name is on.",
      good: ['backend.internal'],
      bad: ['$host', 'a b'],
    },
    'proxy-ssl-server-name': {
      ...onOff,
      about: 'Whether SNI is sent to the backend.',
      good: ['on', 'off'],
      bad: ['true'],
    },
    'proxy-ssl-protocols': {
      ...onOff,
      parser: tlsVersions,
      about: 'TLS versions: `TLSv1.2`, `TLSv1.3` or both; both if absent.',
      good: ['TLSv1.2', 'TLSv1.2 TLSv1.3'],
      bad: ['TLSv1', 'TLSv1.2,TLSv1.3', 'SSLv3'],
    },
    'proxy-ssl-ciphers': {
      ...onOff,
      parser: tlsCiphers,
      risk: 'medium',
      about: "Ciphers of TLS 1.2, in OpenSSL's syntax. A list that selects no cipher is refused.",
      good: ['HIGH:!aNULL:!MD5', 'ECDHE-RSA-AES128-GCM-SHA256', 'DEFAULT'],
      bad: ['FOO', 'HIGH:!ALL', 'HIGH;', 'HIGH:!'],
    },
  },
  location: (values, context) => {
    const { report, annotationField, flags, resources } = context;
    const reference = values['proxy-ssl-secret'];
    if (reference === undefined) {
      reportLonely(Object.keys(values), context);
      return {};
    }
    const field = annotationField('proxy-ssl-secret');
    const named = namedSecret('proxy-ssl-secret', reference, context);
    const { key, object: secret, refusal } = named;
    const deny = (message: string, more: Pick<Problem, 'elsewhere'>) => {
      report({
        code: 'proxy-ssl-secret',
        severity: 'error',
        effect: 'denied-location',
        field,
        value: key,
        message,
        ...more,
      });
      return { route: closed('proxy-ssl-secret') };
    };
    if (secret === undefined) return deny(refusal, elsewhereOf(named));
    const verify = values['proxy-ssl-verify'] ?? 'off';
    const verifies = verify === 'on';
    const found = lastGood(
      {
        use: verifies ? 'verified-backend-tls' : 'backend-tls',
        key,
        object: secret,
        read: (each: V1Secret) => backendCredentials(each, verifies, flags.bounds),
        tell: tellCredentials,
      },
      resources,
    );
    if (found.refusal !== undefined) return deny(found.refusal, { elsewhere: true });
    if (found.kept !== undefined) report(keptProblem(field, key, found.kept));
    const { ca, certificate } = found.value;

    const directives: BackendTls['directives'][number][] = [
      { suffix: 'ssl_verify', values: [word(verify)] },
      { suffix: 'ssl_verify_depth', values: [integer(values['proxy-ssl-verify-depth'] || 1)] },
      { suffix: 'ssl_server_name', values: [word(values['proxy-ssl-server-name'] ?? 'off')] },
      { suffix: 'ssl_protocols', values: (values['proxy-ssl-protocols'] ?? TLS_VERSIONS).map(word) },
    ];
    if (values['proxy-ssl-ciphers'] !== undefined) {
      directives.push({ suffix: 'ssl_ciphers', values: [literal(values['proxy-ssl-ciphers'])] });
    }
    const files: FilePlan[] = [];
    if (ca !== undefined) {
      directives.push({ suffix: 'ssl_trusted_certificate', values: [filePath(`files/${ca.file.name}`)] });
      files.push(ca.file);
    }
    if (values['proxy-ssl-name'] !== undefined) {
      directives.push({ suffix: 'ssl_name', values: [literal(values['proxy-ssl-name'])] });
    } else if (verify === 'on') {
      report({
        code: 'proxy-ssl-name-missing',
        severity: 'warning',
        effect: 'none',
        field: annotationField('proxy-ssl-verify'),
        message: 'without proxy-ssl-name, no certificate matches, and every request gets 502',
        example: 'proxy-ssl-name: backend.internal',
      });
    }
    if (certificate !== undefined) {
      directives.push(
        { suffix: 'ssl_certificate', values: [filePath(`files/${certificate.chain.name}`)] },
        { suffix: 'ssl_certificate_key', values: [filePath(`files/${certificate.key.name}`)] },
      );
      files.push(certificate.chain, certificate.key);
    }
    return { backendTls: { directives, files } };
  },
});
