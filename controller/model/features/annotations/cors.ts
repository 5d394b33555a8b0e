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
        "Responses to allowed origins, including NGINX's errors, carry Access-Control-* headers that replace the " +
        "backend's. Unless all origins are allowed, they also carry Vary: Origin. Every OPTIONS request from an " +
        'allowed origin is answered with 204, before redirects, source ranges and authentication (after them with ' +
        '--strict-access), and even if the backend has no endpoint. Requests from other origins go to the backend, ' +
        'and its Access-Control-* headers are passed on.',
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
        'Allowed origins, case-insensitive. Each must have a scheme, and a port if it is not the default port of the ' +
        'scheme. `*.` stands for exactly one label. `*`, the default, allows all origins and is sent literally, so ' +
        'browsers do not let scripts read a response if the request was sent with cookies. Items that are not ' +
        'origins are ignored; if no item is an origin, no origin is allowed.',
      good: ['https://shop.example.com', 'https://*.example.com:8443, http://localhost:3000', 'null', '*'],
      bad: ['shop.example.com', 'https://shop.example.com/', 'https://*', 'https://a.*.example.com', '~^https://.*$'],
    },
    'cors-allow-methods': {
      parser: corsMethods,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: `Access-Control-Allow-Methods; \`${METHODS}\` by default. Other methods are not refused.`,
      good: ['GET, POST', 'PUT,DELETE'],
      bad: ['GET POST', 'GET;POST', '*'],
    },
    'cors-allow-headers': {
      parser: corsRequestHeaders,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: `Access-Control-Allow-Headers, instead of the default \`${HEADERS}\`.`,
      good: ['X-Token, Content-Type', 'Authorization'],
      bad: ['*', 'X Token', 'X-Token: a'],
    },
    'cors-expose-headers': {
      parser: corsResponseHeaders,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: "Access-Control-Expose-Headers. Without this annotation, the backend's own header is passed on.",
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
        "Whether `Access-Control-Allow-Credentials: true` is sent; true if absent. With false, the backend's header " +
        'is removed as well. An invalid value counts as false.',
      good: ['true', 'false'],
      bad: ['yes', 'off'],
    },
    'cors-max-age': {
      parser: wholeNumber(-1, 2 ** 31 - 1, 'whole seconds without a unit'),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        `Access-Control-Max-Age in seconds, ${MAX_AGE} by default; with -1, browsers send a preflight request every ` +
        'time.',
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
