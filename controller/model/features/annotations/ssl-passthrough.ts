import { annotations } from '../annotation.ts';
import { closed } from '../closed.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'TLS',
  keys: {
    'ssl-passthrough': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      verdict: { kind: 'later', why: 'TLS passthrough is not supported yet, so NGINX terminates TLS', ownReport: true },
      about:
        'With `true`, the owner asks for TLS connections to be passed to the backend undecrypted, which is not ' +
        'supported yet. With `--enable-ssl-passthrough`, the paths answer 503, because NGINX would terminate TLS ' +
        "against the owner's intent. Without that flag, the annotation has no effect, as in ingress-nginx, and a " +
        'warning is logged.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
  },
  location: (values, { flags, report, annotationField }) => {
    if (values['ssl-passthrough'] !== true) return {};
    const denied = flags.sslPassthrough;
    report({
      code: 'ssl-passthrough',
      severity: denied ? 'error' : 'warning',
      effect: denied ? 'denied-location' : 'ignored-key',
      field: annotationField('ssl-passthrough'),
      message: denied
        ? 'TLS passthrough is not supported yet'
        : 'ssl-passthrough has no effect without --enable-ssl-passthrough, and is not supported yet: NGINX ' +
          'terminates TLS',
    });
    return denied ? { route: closed('ssl-passthrough') } : {};
  },
});
