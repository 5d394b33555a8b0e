import { annotations } from '../annotation.ts';
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
      verdict: { kind: 'later', why: 'TLS ends here until layer 4 is built', ownReport: true },
      about:
        '`true` asks for TLS connections to be handed to the backend as they are, which is not built yet. With ' +
        '`--enable-ssl-passthrough` the paths answer 503, because TLS would end here and not where their owner wants it to. ' +
        'Without that flag the annotation has no effect, as before, and a warning says so.',
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
        : 'ssl-passthrough has no effect without --enable-ssl-passthrough, and is not supported yet: TLS ends here',
    });
    return denied ? { route: { deny: 503 } } : {};
  },
});
