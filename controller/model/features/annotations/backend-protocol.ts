import type { Pass } from '../../../types/plan.ts';
import { annotations } from '../annotation.ts';
import { oneWordOf } from '../../values/scalars.ts';

const NAMES = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI'] as const;
const PROTOCOL: Readonly<Record<(typeof NAMES)[number], Pass['protocol']>> = {
  HTTP: 'http',
  HTTPS: 'https',
  AUTO_HTTP: 'auto_http',
  GRPC: 'grpc',
  GRPCS: 'grpcs',
  FCGI: 'fastcgi',
};

export default annotations({
  group: 'Proxying',
  keys: {
    'backend-protocol': {
      parser: oneWordOf(NAMES, true),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Protocol of the connections to the endpoints. With HTTPS and GRPCS, the certificate is verified only if ' +
        'proxy-ssl-verify is on. AUTO_HTTP is HTTPS for requests that came over TLS, and HTTP for others; the port ' +
        'of the backend is the same for both. gRPC clients must use HTTP/2, which needs TLS. FCGI is FastCGI; see ' +
        'fastcgi-index and fastcgi-params-configmap.',
      good: ['HTTPS', 'grpc', 'AUTO_HTTP', 'FCGI'],
      bad: ['AJP', 'h2c'],
    },
  },
  location: (values) => {
    const wanted = values['backend-protocol'];
    return wanted === undefined ? {} : { protocol: PROTOCOL[wanted] };
  },
});
