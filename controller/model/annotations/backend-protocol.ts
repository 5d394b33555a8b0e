import type { Pass } from '../../types/plan.ts';
import { annotations } from '../annotation.ts';
import { oneOf } from '../values/scalars.ts';

const PROTOCOL: Readonly<Record<'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS', Pass['protocol']>> = {
  HTTP: 'http',
  HTTPS: 'https',
  GRPC: 'grpc',
  GRPCS: 'grpcs',
};

export default annotations({
  group: 'Proxying',
  keys: {
    'backend-protocol': {
      parser: oneOf(['HTTP', 'HTTPS', 'GRPC', 'GRPCS'], true),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Protocol towards the endpoints. HTTPS and GRPCS do not verify the certificate unless proxy-ssl-verify says so. ' +
        'gRPC needs HTTP/2 on the client side, which means TLS.',
      good: ['HTTPS', 'grpc'],
      bad: ['AJP', 'h2c'],
    },
  },
  location: (values) => {
    const wanted = values['backend-protocol'];
    return wanted === undefined ? {} : { protocol: PROTOCOL[wanted] };
  },
});
