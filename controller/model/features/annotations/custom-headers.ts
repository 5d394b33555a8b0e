import type { V1ConfigMap } from '@kubernetes/client-node';
import { type Problem, shorten } from '../../../types/problem.ts';
import { annotations, type LocationContext } from '../annotation.ts';
import { closed } from '../closed.ts';
import { readHeaders, tellEntries } from '../config-map-entries.ts';
import { elsewhereOf, namedConfigMap } from '../named-object.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { isResponseHeader } from '../../values/header-names.ts';
import { namespacedName } from '../../values/names.ts';

/** One or more printable ASCII characters. */
const HEADER_VALUE = /^[\u0020-\u007e]+$/;

/** Why a ConfigMap may not set this header, as the end of a sentence; undefined if it may. */
function refusal(name: string, value: string, allowed: readonly string[]): string | undefined {
  if (!isResponseHeader(name)) return `${shorten(name)} is not a header that may be set`;
  if (!allowed.includes(name.toLowerCase())) return `${name} is not in global-allowed-response-headers of the settings`;
  return HEADER_VALUE.test(value) ? undefined : `the value of ${name} is empty, or not printable ASCII`;
}

/** Whether the header is left out because the settings already add one to every response over TLS. */
function isReplaced(name: string, { settings, report, annotationField }: LocationContext): boolean {
  if (!settings.hsts || name.toLowerCase() !== 'strict-transport-security') return false;
  report({
    code: 'custom-headers-hsts',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField('custom-headers'),
    message: `${name} is left out: the key hsts of the ConfigMap sets it`,
  });
  return true;
}

export default annotations({
  group: 'Headers',
  keys: {
    'custom-headers': {
      parser: namespacedName,
      onInvalid: 'denied',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'ConfigMap (namespace/name) whose entries are set as headers on every response, whatever its status, ' +
        "replacing the backend's headers of the same names. Values are literal. Only headers listed in " +
        '`global-allowed-response-headers` of the main ConfigMap are allowed. A ConfigMap of another namespace can be ' +
        'used only if its owner agrees (docs/tenants.md). If the ConfigMap does not exist, the ' +
        'paths answer 503. If it has an entry that is not allowed, its last good content stays in force; if there is ' +
        'none, the paths answer 503. A change to the ConfigMap needs no reload, unless the first header is added or ' +
        'the last one is removed.',
      good: ['shop/headers'],
      bad: ['headers', 'a/b/c', 'shop/${name}'],
    },
  },
  location: (values, context) => {
    const reference = values['custom-headers'];
    if (reference === undefined) return {};
    const named = namedConfigMap('custom-headers', reference, context);
    const { key, object: configMap } = named;
    const deny = (message: string, more: Pick<Problem, 'elsewhere'>) => {
      const field = context.annotationField('custom-headers');
      context.report({
        code: 'custom-headers',
        severity: 'error',
        effect: 'denied-location',
        field,
        value: key,
        message,
        ...more,
      });
      return { route: closed('custom-headers') };
    };
    if (configMap === undefined) return deny(named.refusal, elsewhereOf(named));
    const read = (each: V1ConfigMap) =>
      readHeaders(
        each,
        (name, value) => refusal(name, value, context.settings['global-allowed-response-headers']),
        context.flags.bounds,
      );
    const found = lastGood(
      { use: 'custom-headers', key, object: configMap, read, tell: tellEntries },
      context.resources,
    );
    if (found.refusal !== undefined) return deny(found.refusal, { elsewhere: true });
    if (found.kept !== undefined)
      context.report(keptProblem(context.annotationField('custom-headers'), key, found.kept));
    const responseHeaders = found.value.filter(([name]) => !isReplaced(name, context));
    return responseHeaders.length === 0 ? {} : { route: { responseHeaders } };
  },
});
