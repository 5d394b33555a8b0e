import { annotations, type LocationContext } from '../annotation.ts';
import { upstreamHost, type UpstreamHostPiece } from '../../values/upstream-host.ts';

function text(piece: UpstreamHostPiece, { backend, ingress }: LocationContext): string {
  if (typeof piece === 'string') return piece;
  switch (piece.variable) {
    case 'service_name':
      return backend.service;
    case 'service_port':
      return String(backend.port);
    case 'namespace':
      return ingress.namespace;
    case 'ingress_name':
      return ingress.name;
    case 'host':
      return '$host';
  }
}

export default annotations({
  group: 'Headers',
  keys: {
    'upstream-vhost': {
      parser: upstreamHost,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        "Host header that the backend gets instead of the client's. It may contain `$service_name`, `$service_port`, " +
        "`$namespace`, `$ingress_name` and `$host` (the client's, without port), and no other variables. " +
        "X-Forwarded-Host contains the Host header of the client. For SNI and the name in a backend's certificate, " +
        'see `proxy-ssl-name`.',
      good: ['internal.example.com', 'legacy:8080', '$service_name.$namespace.svc.cluster.local'],
      bad: ['a b', 'a/b', '$http_cookie', 'x";'],
    },
  },
  location: (values, context) => {
    const pieces = values['upstream-vhost'];
    if (pieces === undefined) return {};
    return { route: { upstreamHost: pieces.map((piece) => text(piece, context)).join('') } };
  },
});
