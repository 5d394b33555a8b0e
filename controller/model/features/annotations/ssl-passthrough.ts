import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'TLS',
  keys: {
    'ssl-passthrough': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'low',
      live: true,
      about:
        'With `true` and the flag `--enable-ssl-passthrough`, NGINX does not decrypt TLS connections for the hosts of ' +
        'the Ingress: it passes them to the endpoints of the Service behind the path `/`, which present their own ' +
        'certificate. Access lists apply; other paths and annotations apply only to plain HTTP. `true` on any Ingress of a host suffices. ' +
        'Without the flag, the annotation has no effect, and a warning is logged. See docs/tls-passthrough.md.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
  },
  host: (values, { flags, report, annotationField }) => {
    if (values['ssl-passthrough'] !== true) return {};
    if (flags.sslPassthrough) return { passthrough: true };
    report({
      code: 'ssl-passthrough',
      severity: 'warning',
      effect: 'ignored-key',
      field: annotationField('ssl-passthrough'),
      message: 'ssl-passthrough has no effect without --enable-ssl-passthrough: NGINX terminates TLS',
    });
    return {};
  },
});
