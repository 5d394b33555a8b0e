import { word } from '../../../types/conf-value.ts';
import { forEveryModule, passDirective } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import {
  domainReplacement,
  pathReplacement,
  redirectOf,
  replacementWords,
  urlPart,
} from '../../values/replacements.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-cookie-domain': {
      parser: domainReplacement,
      fallback: 'off',
      about: 'Replaces a domain in Set-Cookie headers of endpoints.',
      good: ['off', 'backend.internal example.com'],
      bad: ['example.com', 'a b c', '~a b', '$host b'],
    },
    'proxy-cookie-path': {
      parser: pathReplacement,
      fallback: 'off',
      about: 'Replaces the beginning of a path in Set-Cookie headers of endpoints.',
      good: ['off', '/app/ /'],
      bad: ['/app', '/a /b /c', '~^/a /b', '$uri /'],
    },
    'proxy-http-version': {
      parser: oneWordOf(['1.0', '1.1']),
      fallback: '1.1',
      about: 'HTTP version of requests to endpoints.',
      good: ['1.1', '1.0'],
      bad: ['2', '1'],
    },
    'proxy-redirect-from': {
      parser: urlPart,
      fallback: 'off',
      about:
        'If the URL in the Location or Refresh header of an endpoint begins with this value, that beginning is ' +
        'replaced by `proxy-redirect-to`; `off` or `default`: nothing is replaced.',
      good: ['off', 'default', 'http://backend.internal/'],
      bad: ['~^http', 'http://$host/', 'a b'],
    },
    'proxy-redirect-to': {
      parser: urlPart,
      fallback: 'off',
      about: 'Replacement for `proxy-redirect-from`; `off`: nothing is replaced.',
      good: ['off', '/', 'https://example.com/'],
      bad: ['http://$host/', 'a b'],
    },
  },
  contribute: (values) => ({
    http: forEveryModule([
      passDirective('cookie_domain', ...replacementWords(values['proxy-cookie-domain'])),
      passDirective('cookie_path', ...replacementWords(values['proxy-cookie-path'])),
      passDirective('http_version', word(values['proxy-http-version'])),
      passDirective(
        'redirect',
        ...replacementWords(redirectOf(values['proxy-redirect-from'], values['proxy-redirect-to'])),
      ),
    ]),
  }),
});
