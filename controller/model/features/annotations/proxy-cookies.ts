import { annotations } from '../annotation.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { domainReplacement, pathReplacement, replacementWords, sameReplacement } from '../../values/replacements.ts';

const common = { onInvalid: 'ignored', scope: 'location', risk: 'medium', live: false } as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-cookie-domain': {
      ...common,
      parser: domainReplacement,
      setting: 'proxy-cookie-domain',
      about:
        'Replaces a domain in Set-Cookie headers of endpoints. The value is the old domain, a space, and the new ' +
        'domain. It applies with backend-protocol HTTP, HTTPS and AUTO_HTTP.',
      good: ['backend.internal example.com', 'off'],
      bad: ['example.com', 'a b c', '~a b', '$host b'],
    },
    'proxy-cookie-path': {
      ...common,
      parser: pathReplacement,
      setting: 'proxy-cookie-path',
      about:
        'Replaces the beginning of a path in Set-Cookie headers of endpoints. The value is the old path, a space, ' +
        'and the new path. It applies with backend-protocol HTTP, HTTPS and AUTO_HTTP.',
      good: ['/app/ /', 'off'],
      bad: ['/app', '/a /b /c', '~^/a /b', '$uri /'],
    },
  },
  location: (values, { settings }) => {
    const [domain, path] = [values['proxy-cookie-domain'], values['proxy-cookie-path']];
    return {
      pass: [
        ...(domain === undefined || sameReplacement(domain, settings['proxy-cookie-domain'])
          ? []
          : [passDirective('cookie_domain', ...replacementWords(domain))]),
        ...(path === undefined || sameReplacement(path, settings['proxy-cookie-path'])
          ? []
          : [passDirective('cookie_path', ...replacementWords(path))]),
      ],
    };
  },
});
