import type { V1Secret } from '@kubernetes/client-node';
import { filePath, integer, literal, noVariables, word } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { Problem } from '../../../types/problem.ts';
import { annotations, type HostContext, type HostContribution } from '../annotation.ts';
import { type ClientAuthorities, clientAuthorities, tellAuthorities } from '../client-authorities.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { elsewhereOf, namedSecret } from '../named-object.ts';
import { errorTarget } from '../../values/error-target.ts';
import { namespacedName } from '../../values/names.ts';
import { bool, oneWordOf, wholeNumber } from '../../values/scalars.ts';
import { subjectPattern } from '../../values/subject-pattern.ts';

const common = { onInvalid: 'ignored', scope: 'host', risk: 'low', live: false } as const;

function refuse(
  { report, annotationField }: HostContext,
  about: Pick<Problem, 'value' | 'message' | 'elsewhere'>,
): HostContribution {
  const field = annotationField('auth-tls-secret');
  report({ code: 'auth-tls-secret', severity: 'error', effect: 'denied-location', field, ...about });
  return { clientCertificates: 'refused' };
}

function withoutSecret({ report, annotationField }: HostContext, names: readonly string[]): HostContribution {
  const [first] = names;
  if (first === undefined) return {};
  report({
    code: 'auth-tls-without-secret',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(first),
    message: `${names.join(', ')}: no effect without auth-tls-secret`,
    example: 'auth-tls-secret: shop/client-ca',
  });
  return {};
}

export default annotations({
  group: 'Client certificates',
  keys: {
    'auth-tls-secret': {
      ...common,
      parser: namespacedName,
      onInvalid: 'denied',
      risk: 'medium',
      about:
        'Clients of the host must present a certificate signed by an authority in `ca.crt` of this Secret; `ca.crl` ' +
        "lists revoked certificates. The Secret must be in the Ingress's own namespace unless " +
        '`allow-cross-namespace-resources` is on or the Secret has the annotation `tidegate.dev/allow-from` ' +
        '(docs/tenants.md). The handshake comes before the request, so all clients of the host are asked for a ' +
        'certificate, even for paths of other Ingresses. The oldest Ingress of the host with the annotation decides; ' +
        'the paths of an Ingress with a different value answer 503. If the Secret does not exist or has no ca.crt, ' +
        'the host answers 503. If the Secret becomes invalid, its last good content stays in force; if there is ' +
        'none, the host answers 503. Plain HTTP requests are redirected if `ssl-redirect` is on and otherwise ' +
        'refused with 403. The exception is paths in `no-tls-redirect-locations` that belong to an Ingress without ' +
        'this annotation. A request whose Host differs from the server name of its handshake gets 421. Backends get ' +
        '`ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn`.',
      good: ['shop/client-ca'],
      bad: ['client-ca', 'a/b/c'],
    },
    'auth-tls-verify-client': {
      ...common,
      parser: oneWordOf(['on', 'off', 'optional', 'optional_no_ca']),
      about:
        '`on`: a missing or invalid certificate gets 400. `optional`: an invalid certificate gets 400, and a missing ' +
        'one is accepted. `optional_no_ca`: no request is refused; `ssl-client-verify` tells the backend the result. ' +
        '`off`: clients are not asked for a certificate, and `ssl-client-verify` is NONE.',
      good: ['on', 'off', 'optional', 'optional_no_ca'],
      bad: ['true', 'ON'],
    },
    'auth-tls-verify-depth': {
      ...common,
      parser: wholeNumber(0, 32),
      about: 'Maximum number of intermediate certificates in the chain; 1 if absent or 0.',
      good: ['1', '3', '0'],
      bad: ['-1', 'deep'],
    },
    'auth-tls-error-page': {
      ...common,
      parser: errorTarget,
      risk: 'high',
      about:
        'Where clients with a missing or invalid certificate are sent instead of getting 400: a URL (302), or a path ' +
        'of the host. With a path, every such client gets the response of that path, whatever path it requested; the ' +
        'backend receives a GET request with `ssl-client-verify` NONE. With `/`, clients without a certificate see ' +
        'the start page of the application.',
      good: ['https://login.example.com/certificate', '/errors/certificate.html'],
      bad: ['@errors', 'https://a.example/?b=c', '//other.example/', 'unix:/run/x'],
    },
    'auth-tls-pass-certificate-to-upstream': {
      ...common,
      parser: bool,
      about: 'Backends get the client certificate in `ssl-client-cert`, as percent-encoded PEM.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'auth-tls-match-cn': {
      ...common,
      parser: subjectPattern,
      onInvalid: 'denied',
      needs: 'auth-tls-secret',
      risk: 'high',
      live: true,
      about:
        'Certificates whose subject does not match get 403. The pattern may match anywhere in the subject, for ' +
        'example in `CN=alice,O=Example`. End a name with `(,|$)`: without it, `CN=alice` also matches `CN=alice2`.',
      good: ['CN=alice(,|$)', 'CN=[a-z]+\\.example\\.com$'],
      bad: ['alice', 'CN=(', 'CN=(a+)+$', 'O=Example'],
    },
  },
  host: (values, context) => {
    const { unusable } = context;
    if (unusable.has('auth-tls-secret')) return { clientCertificates: 'refused' };
    const reference = values['auth-tls-secret'];
    if (reference === undefined) return withoutSecret(context, Object.keys(values));
    // Without the pattern, more clients would get in than intended.
    if (unusable.has('auth-tls-match-cn')) return { clientCertificates: 'refused' };
    const named = namedSecret('auth-tls-secret', reference, context);
    const { key, object: secret, refusal } = named;
    if (secret === undefined) return refuse(context, { value: key, message: refusal, ...elsewhereOf(named) });
    const read = (each: V1Secret) => clientAuthorities(each, context.flags.bounds);
    const found = lastGood(
      {
        use: 'client-authorities',
        key,
        object: secret,
        read,
        tell: ({ ca }: ClientAuthorities) => tellAuthorities(ca),
      },
      context.resources,
    );
    if (found.refusal !== undefined) return refuse(context, { value: key, message: found.refusal, elsewhere: true });
    if (found.kept !== undefined)
      context.report(keptProblem(context.annotationField('auth-tls-secret'), key, found.kept));
    const { ca, crl } = found.value;
    const mode = values['auth-tls-verify-client'] ?? 'on';
    const subject = values['auth-tls-match-cn'];
    if (subject !== undefined && mode === 'optional_no_ca')
      context.report({
        code: 'auth-tls-match-cn-unverified',
        severity: 'warning',
        effect: 'none',
        field: context.annotationField('auth-tls-match-cn'),
        message:
          'auth-tls-match-cn proves nothing with auth-tls-verify-client optional_no_ca: anybody can sign a ' +
          'certificate with such a name',
      });
    const handshake: Directive[] = [
      directive('ssl_verify_client', word(mode)),
      directive('ssl_verify_depth', integer(values['auth-tls-verify-depth'] || 1)),
      directive('ssl_client_certificate', filePath(`files/${ca.file.name}`)),
      ...(crl === undefined ? [] : [directive('ssl_crl', filePath(`files/${crl.name}`))]),
    ];
    const target = values['auth-tls-error-page'];
    if (target === '/')
      context.report({
        code: 'auth-tls-error-page-open',
        severity: 'warning',
        effect: 'none',
        field: context.annotationField('auth-tls-error-page'),
        message:
          'auth-tls-error-page is the start page of the application: clients without a certificate get that page ' +
          'instead of 400',
        example: `${context.annotationField('auth-tls-error-page').at(-1)}: "/errors/certificate.html"`,
      });
    return {
      clientCertificates: {
        mode,
        handshake,
        files: crl === undefined ? [ca.file] : [ca.file, crl],
        subject,
        pass: values['auth-tls-pass-certificate-to-upstream'] === true,
        errorPage:
          target === undefined
            ? []
            : [directive('error_page', integer(495), integer(496), literal('='), noVariables(target))],
      },
    };
  },
});
