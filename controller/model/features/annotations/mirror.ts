import { annotations } from '../annotation.ts';
import { mirrorHost, mirrorUrl } from '../../values/mirror.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Mirroring',
  keys: {
    'mirror-target': {
      parser: mirrorUrl,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'high',
      live: false,
      about:
        'Every request that reaches the backend is also sent to this URL, and the response is discarded. Neither the ' +
        "response nor a failure affects the client. However, the client's next request on the same HTTP/1 connection " +
        'waits until the mirrored request has ended. The path may contain `$request_uri`, `$args`, `$is_args`, ' +
        '`$host` and `$scheme`. If the URL has no path, the path of the request is used. If the URL has a path with ' +
        'neither variables nor a query, the query of the request is appended. For a name like ' +
        '`copy.shop.svc.cluster.local`, requests go to the endpoints of that Service. The controller resolves any ' +
        'other name by DNS; while the name has no address, nothing is mirrored. Requests for an upgrade (WebSocket) ' +
        'are not mirrored.',
      good: [
        'https://copy.example.com$request_uri',
        'http://copy.shop.svc.cluster.local:8080/mirror$request_uri',
        'http://other.test',
        'https://192.0.2.7:8443/fixed?from=$host',
        'http://[2001:db8::7]/',
      ],
      bad: [
        'copy.example.com',
        'unix:/run/api/live.sock',
        'http://unix:/run/api/live.sock',
        'http://127.0.0.1/',
        'http://localhost$request_uri',
        'http://[::1]/',
        'http://2130706433/',
        'http://169.254.169.254/latest',
        'http://$host/',
        'http://a.example.com/$http_cookie',
        'http://a.example.com/a b',
        'http://a.example.com/";',
        'ftp://a.example.com/',
      ],
    },
    'mirror-host': {
      parser: mirrorHost,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'high',
      live: true,
      about:
        'Host header of mirrored requests. Without the annotation, the header is the host of mirror-target without ' +
        "its port. `$host` and `$http_host` are the client's.",
      good: ['copy.example.com', 'copy.example.com:8080', '$host'],
      bad: ['a b', 'a/b', '$http_cookie', 'x";'],
    },
    'mirror-request-body': {
      parser: oneWordOf(['on', 'off']),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Whether the body is mirrored, too. With `on`, the default, the whole body is read before anything is sent ' +
        'to the backend.',
      good: ['on', 'off'],
      bad: ['true', 'OFF'],
    },
  },
  location: (values) => {
    const target = values['mirror-target'];
    if (target === undefined) return {};
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    return {
      mirror: { ...target, hostHeader: values['mirror-host'] ?? host, body: values['mirror-request-body'] !== 'off' },
    };
  },
});
