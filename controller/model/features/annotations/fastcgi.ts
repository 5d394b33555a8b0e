import type { V1ConfigMap } from '@kubernetes/client-node';
import { literal, notOfRequest, ofRequest, word } from '../../../types/conf-value.ts';
import { type Problem, shorten } from '../../../types/problem.ts';
import { annotations } from '../annotation.ts';
import { closed } from '../closed.ts';
import { readConfigMapEntries, tellEntries } from '../config-map-entries.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { elsewhereOf, namedConfigMap } from '../named-object.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { fileName, ownName } from '../../values/names.ts';

const PARAM_NAME = /^[A-Za-z0-9._-]+$/;

/** Why an entry is not a valid FastCGI parameter, as the end of a sentence; undefined if it is valid. */
function refusal(name: string, value: string): string | undefined {
  if (!PARAM_NAME.test(name)) return `${shorten(name)} is not the name of a parameter`;
  const reason = notOfRequest(value);
  return reason === undefined ? undefined : `the value of ${name} ${reason}`;
}

export default annotations({
  group: 'FastCGI',
  keys: {
    'fastcgi-index': {
      parser: fileName,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        'File name that is appended to SCRIPT_NAME if the path of a request ends with a slash. It applies only with ' +
        'backend-protocol FCGI.',
      good: ['index.php'],
      bad: ['/index.php', 'index php', '$uri'],
    },
    'fastcgi-params-configmap': {
      parser: ownName,
      onInvalid: 'denied',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        "ConfigMap of the Ingress's own namespace whose entries become FastCGI parameters, in addition to the " +
        'standard ones or replacing them. Values are letters, digits, `_/.-` and variables about the request: ' +
        '`$document_root`, `$fastcgi_script_name`, `$http_x_user`. If the ConfigMap does not exist, the paths answer ' +
        '503. If it has an invalid entry, its last good content stays in force; if there is none, the paths answer ' +
        '503. The annotation applies only with backend-protocol FCGI.',
      good: ['php-params', 'shop/php-params'],
      bad: ['a/b/c', 'Params', '${name}'],
    },
  },
  location: (values, context) => {
    const index = values['fastcgi-index'];
    const pass = index === undefined ? [] : [passDirective('index', literal(index))];
    const reference = values['fastcgi-params-configmap'];
    if (reference === undefined) return { pass };
    const named = namedConfigMap('fastcgi-params-configmap', reference, context);
    const { key, object: configMap, refusal: missing } = named;
    const field = context.annotationField('fastcgi-params-configmap');
    const deny = (message: string, more: Pick<Problem, 'elsewhere'>) => {
      context.report({
        code: 'fastcgi-params-configmap',
        severity: 'error',
        effect: 'denied-location',
        field,
        value: key,
        message,
        ...more,
      });
      return { route: closed('fastcgi-params-configmap') };
    };
    if (configMap === undefined) return deny(missing, elsewhereOf(named));
    const read = (each: V1ConfigMap) => readConfigMapEntries(each, refusal, context.flags.bounds);
    const found = lastGood(
      { use: 'fastcgi-params', key, object: configMap, read, tell: tellEntries },
      context.resources,
    );
    if (found.refusal !== undefined) return deny(found.refusal, { elsewhere: true });
    if (found.kept !== undefined) context.report(keptProblem(field, key, found.kept));
    return {
      pass: [...pass, ...found.value.map(([name, value]) => passDirective('param', word(name), ofRequest(value)))],
    };
  },
});
