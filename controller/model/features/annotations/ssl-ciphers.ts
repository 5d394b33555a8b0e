import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';
import { serverCiphers } from '../../values/tls-ciphers.ts';

export default annotations({
  group: 'TLS with clients',
  keys: {
    'ssl-ciphers': {
      parser: serverCiphers,
      setting: 'ssl-ciphers',
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'low',
      live: false,
      about:
        'Ciphers that clients of the host may use with TLS up to 1.2, instead of those of the ConfigMap. The ciphers ' +
        'of TLS 1.3 are not affected. The oldest Ingress of the host with the annotation decides.',
      good: ['HIGH:!aNULL:!MD5', 'ECDHE-RSA-AES128-GCM-SHA256', 'ALL:@SECLEVEL=0', 'HIGH:@SECLEVEL=3'],
      bad: ['FOO', 'HIGH;', 'HIGH:@SECLEVEL=4'],
    },
    'ssl-prefer-server-ciphers': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'low',
      live: false,
      about:
        "Whether the server's order of ciphers takes precedence over the client's; true if absent. The oldest " +
        'Ingress of the host with the annotation decides.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
  },
  host: (values) => ({
    ...(values['ssl-ciphers'] !== undefined && { ciphers: values['ssl-ciphers'] }),
    ...(values['ssl-prefer-server-ciphers'] !== undefined && {
      preferServerCiphers: values['ssl-prefer-server-ciphers'],
    }),
  }),
});
