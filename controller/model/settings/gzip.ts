import { integer, literal, word } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import { settings } from '../setting.ts';
import { COMPRESSED, mediaTypes } from '../values/media-types.ts';
import { agentPattern } from '../values/agent-pattern.ts';
import { bool, wholeNumber } from '../values/scalars.ts';

export default settings({
  chapter: 'Compression',
  keys: {
    'use-gzip': {
      parser: bool,
      fallback: false,
      about: 'Answers are compressed with gzip for clients that take it.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'gzip-level': {
      parser: wholeNumber(1, 9),
      fallback: 1,
      about: 'Level of gzip, from fast to small.',
      good: ['1', '9'],
      bad: ['0', '10', 'best'],
    },
    'gzip-min-length': {
      parser: wholeNumber(0, 2 ** 31 - 1, 'bytes as a whole number'),
      fallback: 256,
      about: 'Answers that say that they are shorter are not compressed.',
      good: ['256', '0'],
      bad: ['-1', '1k'],
    },
    'gzip-types': {
      parser: mediaTypes,
      fallback: COMPRESSED,
      written: COMPRESSED.join(' '),
      about: 'MIME types that are compressed, besides text/html; `*` is every type.',
      good: ['application/json text/css', '*'],
      bad: ['json', 'text/*', 'text/css; charset=utf-8'],
    },
    'gzip-disable': {
      parser: agentPattern,
      fallback: undefined,
      about: 'Clients whose User-Agent matches this regular expression, in any case, get no gzip.',
      good: ['msie6', 'MSIE [1-6]\\.'],
      bad: ['(', '(a+)+$'],
    },
  },
  contribute: (values) => {
    if (!values['use-gzip']) return {};
    const agents = values['gzip-disable'];
    const types = values['gzip-types'];
    return {
      http: [
        directive('gzip', word('on')),
        directive('gzip_comp_level', integer(values['gzip-level'])),
        directive('gzip_http_version', word('1.1')),
        directive('gzip_min_length', integer(values['gzip-min-length'])),
        directive('gzip_proxied', word('any')),
        directive('gzip_vary', word('on')),
        ...(types.length === 0 ? [] : [directive('gzip_types', ...types.map(literal))]),
        ...(agents === undefined ? [] : [directive('gzip_disable', literal(agents))]),
      ],
    };
  },
});
