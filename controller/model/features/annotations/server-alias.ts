import { annotations } from '../annotation.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { listOf, uniqueSorted } from '../../values/list.ts';
import { isHostname } from '../../values/names.ts';

const REGEX = /^~[A-Za-z0-9._~:/^$()[\]{}*+?|&=\\-]+$/;

function isAlias(item: string): boolean {
  if (item.startsWith('~')) return REGEX.test(item);
  return isHostname(item.startsWith('*.') ? item.slice(2) : item);
}

const aliases: Parser<readonly string[]> = listOf({
  accepts: 'comma-separated host names, *.names, or ~regular expressions',
  item: (text) => {
    const name = text.startsWith('~') ? text : text.toLowerCase();
    return isAlias(name) ? accept(name) : reject('is not a host name');
  },
  value: uniqueSorted,
});

export default annotations({
  group: 'Hosts',
  keys: {
    'server-alias': {
      parser: aliases,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'high',
      live: false,
      about:
        'Additional names for every host of the Ingress. A name that is a host of any Ingress, even a wildcard, ' +
        'takes precedence over an alias. If several Ingresses of a host have the annotation, the oldest one decides. ' +
        'Names that begin with `~` are regular expressions.',
      good: ['www.example.com', 'a.example.com, *.example.org', '~^shop[0-9]+\\.example\\.com$'],
      bad: ['exa mple.com', 'example.com;', 'https://example.com'],
    },
  },
  host: (values) => (values['server-alias'] === undefined ? {} : { aliases: values['server-alias'] }),
});
