import type { LiveRedirect, RedirectCode } from '../../../types/live.ts';
import { annotations } from '../annotation.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { redirectTarget, redirectUrl } from '../../values/redirect-target.ts';
import { bool } from '../../values/scalars.ts';

/** A parser for redirect statuses. `list` must not contain 300, 304, 305 or 306: nginx sends no Location with them. */
function codes(...list: readonly RedirectCode[]): Parser<RedirectCode> {
  const accepts = `one of ${list.join(', ')}`;
  return {
    accepts,
    parse: (raw) => {
      const code = list.find((each) => `${each}` === raw);
      return code === undefined ? reject(`is not ${accepts}`) : accept(code);
    },
  };
}

const common = { onInvalid: 'ignored', scope: 'location', live: true } as const;

export default annotations({
  group: 'Redirects',
  pathsOnly: true,
  keys: {
    'permanent-redirect': {
      ...common,
      parser: redirectTarget,
      risk: 'medium',
      about:
        'Every request for the paths of the Ingress is redirected to this URL or path instead of being proxied. The ' +
        'target is sent as written; path and query of the request are added only by `$request_uri`. The variables ' +
        '`$uri`, `$args`, `$is_args`, `$scheme`, `$host` and `$http_host` may be used, too. Of these variables, only ' +
        '`$host` may be the host of the URL. A path becomes a URL of the requested host, unless `relative-redirects` ' +
        'is on. If the target is the requested URL itself, the client gets 508 instead of a redirect loop. The ' +
        'redirect takes precedence over the redirect to HTTPS, and `app-root` takes precedence over both. Source ' +
        'ranges, rate limits and authentication are not checked before the redirect.',
      good: [
        'https://www.example.com/shop?from=old',
        '/new',
        'https://www.example.com$request_uri',
        'https://$host/new',
      ],
      bad: [
        'www.example.com/shop',
        '//www.example.com',
        'https://$http_host/',
        'ftp://example.com/',
        'http://0xa9fea9fe/',
      ],
    },
    'permanent-redirect-code': {
      ...common,
      parser: codes(301, 302, 303, 307, 308),
      risk: 'low',
      about: 'Status of `permanent-redirect`; 301 if absent.',
      good: ['308', '307'],
      bad: ['200', '304', 'permanent'],
    },
    'temporal-redirect': {
      ...common,
      parser: redirectUrl,
      risk: 'medium',
      about:
        'Like `permanent-redirect`, but with status 302, and the target must be a URL. If an Ingress has both, ' +
        '`permanent-redirect` is ignored.',
      good: ['https://status.example.com/', 'http://192.0.2.10:8080/maintenance'],
      bad: ['/maintenance', 'ftp://example.com/', 'https://example.com/#top', 'http://169.254.169.254/'],
    },
    'temporal-redirect-code': {
      ...common,
      parser: codes(301, 302, 303, 307),
      risk: 'low',
      about: 'Status of `temporal-redirect`; 302 if absent.',
      good: ['307', '303'],
      bad: ['308', '200', 'temporal'],
    },
    'relative-redirects': {
      ...common,
      parser: bool,
      setting: 'relative-redirects',
      risk: 'low',
      about: 'A `permanent-redirect` to a path is sent as that path, without scheme and host.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) => {
    const temporal = values['temporal-redirect'];
    const target = temporal ?? values['permanent-redirect'];
    if (target === undefined) return {};
    const code =
      temporal === undefined ? (values['permanent-redirect-code'] ?? 301) : (values['temporal-redirect-code'] ?? 302);
    const relative = target.to.startsWith('/') && (values['relative-redirects'] ?? settings['relative-redirects']);
    const by = temporal === undefined ? 'permanent-redirect' : 'temporal-redirect';
    const redirect: LiveRedirect = { ...target, code, ...(relative && { relative }), by };
    return { route: { redirect } };
  },
});
