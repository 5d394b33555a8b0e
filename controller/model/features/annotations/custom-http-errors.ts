import { annotations } from '../annotation.ts';
import { errorPage, intercept } from '../../settings/error-pages.ts';
import { bool } from '../../values/scalars.ts';
import { statusCodes } from '../../values/status-codes.ts';

export default annotations({
  group: 'Errors',
  keys: {
    'custom-http-errors': {
      parser: statusCodes(400),
      // No `setting`: the ConfigMap's key is not a default for this annotation. The error pages of the key come only
      // from the default backend; those of the annotation come from the Service in `default-backend`, if there is one.
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Responses with these statuses, whether from the backend or from NGINX itself, are replaced by the response ' +
        'of an error Service: the Service that `default-backend` names or, if the annotation is absent or the ' +
        "Service has no endpoints, the installation's default backend. If there is neither, clients get the built-in " +
        '404 response. The error Service gets a request for `/` over plain HTTP with the method and headers of the ' +
        "original request, without its body, and with X-Code, X-Format (the client's Accept), X-Original-URI, " +
        'X-Namespace, X-Ingress-Name, X-Service-Name, X-Service-Port and X-Request-ID. The client gets the status of ' +
        "the error Service's response. The annotation replaces the list of the ConfigMap. Errors of gRPC backends " +
        'are passed on.',
      good: ['404', '404, 503'],
      bad: ['302', '499', '404;503', '4xx'],
    },
    'disable-proxy-intercept-errors': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Errors of the backend are passed on: `custom-http-errors`, whether of the Ingress or of the ConfigMap, ' +
        "applies only to NGINX's own errors.",
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) => {
    const codes = values['custom-http-errors'];
    const disabled = values['disable-proxy-intercept-errors'] === true;
    if (codes !== undefined) return { directives: [errorPage(codes)], pass: [intercept(!disabled)], errorPages: true };
    return disabled && settings['custom-http-errors'].length > 0 ? { pass: [intercept(false)] } : {};
  },
});
