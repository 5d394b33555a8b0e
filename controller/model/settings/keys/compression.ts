import { integer, literal, word } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { COMPRESSED, mediaTypes } from '../../values/media-types.ts';
import { agentPattern } from '../../values/agent-pattern.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

interface Values {
  readonly 'use-gzip': boolean;
  readonly 'gzip-level': number;
  readonly 'gzip-min-length': number;
  readonly 'gzip-types': readonly string[];
  readonly 'gzip-disable': string | undefined;
  readonly 'enable-brotli': boolean;
  readonly 'brotli-level': number;
  readonly 'brotli-min-length': number;
  readonly 'brotli-types': readonly string[];
}

function gzip(values: Values): readonly Directive[] {
  if (!values['use-gzip']) return [];
  const agents = values['gzip-disable'];
  const types = values['gzip-types'];
  return [
    directive('gzip', word('on')),
    directive('gzip_comp_level', integer(values['gzip-level'])),
    directive('gzip_http_version', word('1.1')),
    directive('gzip_min_length', integer(values['gzip-min-length'])),
    directive('gzip_proxied', word('any')),
    ...(types.length === 0 ? [] : [directive('gzip_types', ...types.map(literal))]),
    ...(agents === undefined ? [] : [directive('gzip_disable', literal(agents))]),
  ];
}

function brotli(values: Values): readonly Directive[] {
  if (!values['enable-brotli']) return [];
  const types = values['brotli-types'];
  return [
    directive('brotli', word('on')),
    directive('brotli_comp_level', integer(values['brotli-level'])),
    directive('brotli_min_length', integer(values['brotli-min-length'])),
    ...(types.length === 0 ? [] : [directive('brotli_types', ...types.map(literal))]),
  ];
}

/** Tells caches with a Vary header that responses depend on Accept-Encoding; the directive applies to both modules. */
function vary(values: Values): readonly Directive[] {
  return values['use-gzip'] || values['enable-brotli'] ? [directive('gzip_vary', word('on'))] : [];
}

export default settings({
  chapter: 'Compression',
  keys: {
    'use-gzip': {
      parser: bool,
      fallback: false,
      about: 'Responses are compressed with gzip for clients that accept it.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'gzip-level': {
      parser: wholeNumber(1, 9),
      fallback: 1,
      about: 'Compression level of gzip: 1 is the fastest, 9 gives the smallest responses.',
      good: ['1', '9'],
      bad: ['0', '10', 'best'],
    },
    'gzip-min-length': {
      parser: wholeNumber(0, 2 ** 31 - 1, 'bytes as a whole number'),
      fallback: 256,
      about: 'Responses with a smaller Content-Length are not compressed.',
      good: ['256', '0'],
      bad: ['-1', '1k'],
    },
    'gzip-types': {
      parser: mediaTypes,
      fallback: COMPRESSED,
      written: COMPRESSED.join(' '),
      about: 'MIME types that are compressed, in addition to text/html; `*` stands for every type.',
      good: ['application/json text/css', '*'],
      bad: ['json', 'text/*', 'text/css; charset=utf-8'],
    },
    'gzip-disable': {
      parser: agentPattern,
      fallback: undefined,
      about: 'Clients whose User-Agent matches this case-insensitive regular expression get no gzip.',
      good: ['msie6', 'MSIE [1-6]\\.'],
      bad: ['(', '(a+)+$'],
    },
    'enable-brotli': {
      parser: bool,
      fallback: false,
      about:
        "Responses are compressed with brotli for clients that accept it, in preference to gzip. This needs Debian's " +
        '`libnginx-mod-http-brotli-filter`, which the image contains; if it is missing, a warning is reported.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'brotli-level': {
      parser: wholeNumber(0, 11),
      fallback: 4,
      about: 'Compression level of brotli: 0 is the fastest, 11 gives the smallest responses.',
      good: ['4', '11'],
      bad: ['-1', '12', 'best'],
    },
    'brotli-min-length': {
      parser: wholeNumber(0, 2 ** 31 - 1, 'bytes as a whole number'),
      fallback: 20,
      about: 'Responses with a smaller Content-Length are not compressed.',
      good: ['20', '0'],
      bad: ['-1', '1k'],
    },
    'brotli-types': {
      parser: mediaTypes,
      fallback: ['application/xml+rss', ...COMPRESSED],
      written: ['application/xml+rss', ...COMPRESSED].join(' '),
      about: 'MIME types that are compressed, in addition to text/html; `*` stands for every type.',
      good: ['application/json text/css', '*'],
      bad: ['json', 'text/*'],
    },
  },
  reconcile: (values, facts): { readonly 'enable-brotli'?: { readonly value: boolean; readonly reason: string } } =>
    values['enable-brotli'] && !facts.brotli
      ? {
          'enable-brotli': {
            value: false,
            reason: "needs a module that is not installed: Debian's libnginx-mod-http-brotli-filter",
          },
        }
      : {},
  contribute: (values) => ({ http: [...gzip(values), ...brotli(values), ...vary(values)] }),
});
