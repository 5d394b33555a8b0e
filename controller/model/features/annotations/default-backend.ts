import { annotations } from '../annotation.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { isLabel } from '../../values/names.ts';

const serviceName: Parser<string> = {
  accepts: 'the name of a Service in the namespace of the Ingress',
  parse: (raw) => (isLabel(raw) ? accept(raw) : reject('is not the name of a Service')),
};

export default annotations({
  group: 'Errors',
  keys: {
    'default-backend': {
      parser: serviceName,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        "Name of a Service in the Ingress's namespace. Its first port is used. If the Service of a path has no " +
        'endpoints, requests go to this Service instead, unchanged except for X-Code 503 and the other headers ' +
        'described under `custom-http-errors`. This Service also serves the error pages for the statuses that ' +
        '`custom-http-errors` of the same Ingress lists. It is used only while it has endpoints itself. For paths ' +
        'that no rule matches, use `spec.defaultBackend`.',
      good: ['error-pages'],
      bad: ['shop/error-pages', 'Errors', 'a_b'],
    },
  },
  location: (values, { ingress, resources, report, annotationField }) => {
    const service = values['default-backend'];
    if (service === undefined) return {};
    const key = `${ingress.namespace}/${service}`;
    const found = resources.service(key);
    const port = found?.spec?.ports?.[0]?.port;
    if (port !== undefined) return { fallback: { namespace: ingress.namespace, service, port } };
    report({
      code: 'default-backend',
      severity: 'warning',
      effect: 'ignored-key',
      field: annotationField('default-backend'),
      value: service,
      message: `Service ${key} ${found === undefined ? 'does not exist' : 'has no port'}`,
    });
    return {};
  },
});
