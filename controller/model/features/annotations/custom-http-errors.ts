import { annotations } from '../annotation.ts';
import { errorPage, intercept } from '../../settings/error-pages.ts';
import { bool } from '../../values/scalars.ts';
import { statusCodes } from '../../values/status-codes.ts';

export default annotations({
  group: 'Errors',
  keys: {
    'custom-http-errors': {
      parser: statusCodes(400),
      // Not `setting`: what the ConfigMap names is answered by another backend.
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Answers with these statuses, of the backend and of NGINX itself, are replaced by what the Service of ' +
        "`default-backend` answers, or where that is not set or has no endpoints, the installation's default backend; " +
        'without one, the built-in 404. It is asked for `/` over plain HTTP, with the method and headers of the request, ' +
        'without its body, and is told X-Code, X-Format (what the client accepts), X-Original-URI, X-Namespace, ' +
        'X-Ingress-Name, X-Service-Name, X-Service-Port and X-Request-ID. The client sees its status. Replaces the list ' +
        "of the ConfigMap. gRPC backends' own errors pass.",
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
        "The backend's own errors pass; `custom-http-errors`, of the Ingress or of the ConfigMap, is left to those of NGINX.",
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
