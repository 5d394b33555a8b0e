import { annotations } from '../annotation.ts';
import { corsMethods, corsOrigins, corsRequestHeaders, corsResponseHeaders } from '../../values/cors.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

const METHODS = 'GET, PUT, POST, DELETE, PATCH, OPTIONS';
const HEADERS =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
const MAX_AGE = 1_728_000;

const NONE: readonly string[] = [];

export default annotations({
  group: 'CORS',
  keys: {
    'enable-cors': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        "Answers to allowed origins, errors of NGINX among them, carry Access-Control-* headers in place of the backend's; " +
        'where the origins are listed, they carry Vary: Origin as well. Every OPTIONS request of an allowed origin is ' +
        'answered 204, before redirects, source ranges and authentication (with --strict-access behind them), and without ' +
        'an endpoint. Requests of other origins go to the backend, whose own headers then pass.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'cors-allow-origin': {
      parser: corsOrigins,
      onInvalid: 'ignored',
      instead: NONE,
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'Who is allowed: origins with scheme, and with a port where browsers send one, without regard to case. `*.` stands ' +
        'for exactly one label. `*`, the default, allows everybody and is sent as it is: browsers then share no answer to ' +
        'a request with cookies. Items that are not origins are ignored; where no item is an origin, nobody is allowed.',
      good: ['https://shop.example.com', 'https://*.example.com:8443, http://localhost:3000', 'null', '*'],
      bad: ['shop.example.com', 'https://shop.example.com/', 'https://*', 'https://a.*.example.com', '~^https://.*$'],
    },
    'cors-allow-methods': {
      parser: corsMethods,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: `Access-Control-Allow-Methods, by default \`${METHODS}\`. No method is refused for it.`,
      good: ['GET, POST', 'PUT,DELETE'],
      bad: ['GET POST', 'GET;POST', '*'],
    },
    'cors-allow-headers': {
      parser: corsRequestHeaders,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: `Access-Control-Allow-Headers, in place of the default \`${HEADERS}\`.`,
      good: ['X-Token, Content-Type', 'Authorization'],
      bad: ['*', 'X Token', 'X-Token: a'],
    },
    'cors-expose-headers': {
      parser: corsResponseHeaders,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: "Access-Control-Expose-Headers; without it the backend's own passes.",
      good: ['X-Total-Count, Link', '*'],
      bad: ['X Total', 'X-Total: 1'],
    },
    'cors-allow-credentials': {
      parser: bool,
      onInvalid: 'ignored',
      instead: false,
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'Access-Control-Allow-Credentials: true is sent unless this is false; then the header of the backend goes, too. A ' +
        'value that cannot be read is false.',
      good: ['true', 'false'],
      bad: ['yes', 'off'],
    },
    'cors-max-age': {
      parser: wholeNumber(-1, 2 ** 31 - 1, 'whole seconds without a unit'),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about: `Access-Control-Max-Age in seconds, by default ${MAX_AGE}; -1: browsers are to ask every time.`,
      good: ['600', '0', '-1'],
      bad: ['10m', '-5'],
    },
  },
  location: (values) => {
    const origins = values['cors-allow-origin'] ?? 'all';
    if (values['enable-cors'] !== true || origins.length === 0) return {};
    const expose = values['cors-expose-headers'];
    const cors = {
      ...(origins === 'all' ? {} : { origins }),
      ...(values['cors-allow-credentials'] === false ? {} : { credentials: true as const }),
      methods: values['cors-allow-methods'] ?? METHODS,
      headers: values['cors-allow-headers'] ?? HEADERS,
      ...(expose === undefined ? {} : { expose }),
      maxAge: values['cors-max-age'] ?? MAX_AGE,
    };
    return { route: { cors } };
  },
});
