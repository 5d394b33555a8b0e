import { headerText } from '../../../types/conf-value.ts';
import { annotations } from '../annotation.ts';
import { aboutObjects, requestHeaderLines, removableRequestHeaders } from '../../values/header-lines.ts';

const OURS = 'ingress-nginx does not have this annotation.';

export default annotations({
  group: 'Headers',
  keys: {
    'request-set-headers': {
      parser: requestHeaderLines,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        "The backend gets these headers; they replace the client's headers of the same names. Values may contain " +
        '`$service_name`, `$service_port`, `$namespace` and `$ingress_name`, and NGINX variables about the request: ' +
        '`$host`, `$http_x_team`, `$remote_addr`. Some headers cannot be set, and their lines are ignored: those ' +
        'that determine where a request ends (Content-Length, Transfer-Encoding), Host, those that describe the ' +
        'client (X-Forwarded-For and the like, X-Real-IP, ssl-client-*), and those that authentication sets. The ' +
        "authentication service still gets the client's headers. " +
        OURS,
      good: [
        'X-Team: blue',
        'Authorization: Basic dXNlcjpwYXNz\nX-Tenant: $http_x_team',
        'l5d-dst-override: $service_name.$namespace.svc.cluster.local:$service_port',
        'X-Forwarded-Prefix: /api',
      ],
      bad: [
        'X-Team',
        'X-Team: $uri',
        'Host: other.example.com',
        'X_Forwarded_For: 10.0.0.1',
        'Content-Length: 0',
        'ssl-client-verify: SUCCESS',
        'X Team: blue',
        'X-Team: a;\u0001',
      ],
    },
    'request-remove-headers': {
      parser: removableRequestHeaders,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: false,
      about:
        'Headers of the client that are not passed to the backend. Authentication, canaries and session affinity ' +
        `still see them. Headers that request-set-headers cannot set cannot be removed. ${OURS}`,
      good: ['Accept-Encoding', 'Authorization, Cookie'],
      bad: ['Host', 'X-Forwarded-For', 'Transfer-Encoding', 'CDN-Loop', 'X Team'],
    },
  },
  location: (values, context) => {
    const set = values['request-set-headers'] ?? [];
    const removed = values['request-remove-headers'] ?? [];
    if (set.length + removed.length === 0) return {};
    return {
      requestHeaders: [
        ...set.map(([name, value]) => [name, headerText(aboutObjects(value, context))] as const),
        ...removed.map((name) => [name, 'removed'] as const),
      ],
    };
  },
});
