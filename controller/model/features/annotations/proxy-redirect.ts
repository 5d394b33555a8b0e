import { annotations } from '../annotation.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { redirectOf, replacementWords, sameReplacement, urlPart } from '../../values/replacements.ts';

const common = { onInvalid: 'ignored', scope: 'location', risk: 'medium', live: false } as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-redirect-from': {
      ...common,
      parser: urlPart,
      setting: 'proxy-redirect-from',
      about:
        'If the URL in the Location or Refresh header of an endpoint begins with this value, that beginning is ' +
        'replaced by proxy-redirect-to. With `off` or `default`, nothing is replaced. It applies with ' +
        'backend-protocol HTTP, HTTPS and AUTO_HTTP.',
      good: ['http://backend.internal/', 'off', 'default'],
      bad: ['~^http', 'http://$host/', 'a b'],
    },
    'proxy-redirect-to': {
      ...common,
      parser: urlPart,
      setting: 'proxy-redirect-to',
      about: 'Replacement for proxy-redirect-from. With `off`, nothing is replaced.',
      good: ['/', 'https://example.com/', 'off'],
      bad: ['http://$host/', 'a b'],
    },
  },
  location: (values, { settings, annotationField, report }) => {
    if (values['proxy-redirect-from'] === undefined && values['proxy-redirect-to'] === undefined) return {};
    const from = values['proxy-redirect-from'] ?? settings['proxy-redirect-from'];
    const to = values['proxy-redirect-to'] ?? settings['proxy-redirect-to'];
    const off = from === 'off' || from === 'default';
    const [lonely, missing] = off
      ? (['proxy-redirect-to', 'proxy-redirect-from'] as const)
      : (['proxy-redirect-from', 'proxy-redirect-to'] as const);
    if ((off ? to !== 'off' : to === 'off') && values[lonely] !== undefined && values[missing] === undefined) {
      report({
        code: 'proxy-redirect-half',
        severity: 'warning',
        effect: 'ignored-key',
        field: annotationField(lonely),
        message: `${lonely} replaces nothing without ${missing}`,
        example: `${missing}: ${lonely === 'proxy-redirect-from' ? '/' : 'http://backend.internal/'}`,
      });
    }
    const wanted = redirectOf(from, to);
    const standard = redirectOf(settings['proxy-redirect-from'], settings['proxy-redirect-to']);
    return sameReplacement(wanted, standard) ? {} : { pass: [passDirective('redirect', ...replacementWords(wanted))] };
  },
});
