/** Host-specific TLS settings for clients. */
import { literal, word } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import { formatObject, type Problem } from '../../types/problem.ts';
import type { HostContribution } from '../features/annotation.ts';
import { annotationOf } from '../contract/annotation-field.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { Settings } from '../settings/settings.ts';

export interface ServerTlsInput {
  /** Empty string: the catch-all host. */
  readonly host: string;
  /** Ingresses of the host, oldest first. */
  readonly models: readonly IngressModel[];
  readonly settings: Settings;
}

/** TLS directives of the host's server block; empty if the settings for all hosts apply. */
export function serverTls(input: ServerTlsInput, problems: Problem[]): readonly Directive[] {
  const ciphers = oldest(input, 'ciphers', 'ssl-ciphers', problems);
  const prefer = oldest(input, 'preferServerCiphers', 'ssl-prefer-server-ciphers', problems);
  if (input.host === '')
    return input.settings['ssl-reject-handshake'] ? [directive('ssl_reject_handshake', word('on'))] : [];
  return [
    ...(ciphers === undefined ? [] : [directive('ssl_ciphers', literal(ciphers))]),
    ...(prefer === undefined ? [] : [directive('ssl_prefer_server_ciphers', word(prefer ? 'on' : 'off'))]),
  ];
}

/**
 * The value of the oldest Ingress that has one. Different values of other Ingresses are reported, as are all values for
 * the catch-all host, which cannot have its own TLS settings.
 */
function oldest<Name extends 'ciphers' | 'preferServerCiphers'>(
  { host, models }: ServerTlsInput,
  name: Name,
  annotation: string,
  problems: Problem[],
): HostContribution[Name] | undefined {
  const having = models.filter((model) => model.host[name] !== undefined);
  const winner = host === '' ? undefined : having[0];
  for (const model of having) {
    if (winner !== undefined && model.host[name] === winner.host[name]) continue;
    const why =
      winner === undefined
        ? 'a rule without a host shares the TLS settings of all hosts; set them in the ConfigMap'
        : `the older ${formatObject(winner.ref)} decides for ${host}`;
    problems.push({
      code: 'tls-of-host',
      severity: 'warning',
      effect: 'ignored-key',
      object: model.ref,
      ...annotationOf(model, annotation),
      message: `${annotation} has no effect: ${why}`,
    });
  }
  return winner?.host[name];
}
