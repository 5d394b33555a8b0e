/** `tidegate conf HOST`: the server block of a host in nginx.conf. */
import { printableLines } from '../../types/printable.ts';
import type { Arguments } from '../flag-values.ts';
import { show } from './show.ts';

export function confCommand(host: string, given: Arguments<'conf'>): Promise<number> {
  return show(given, {
    ask: (client) => client.get('conf', { host }),
    text: ({ text, truncated, bytes, match, host: found }) =>
      [
        ...(match === 'name'
          ? []
          : [
              `# ${match === 'default' ? 'No host has this name, so the catch-all host serves it.' : `A pattern of ${found} matches this name.`}`,
            ]),
        printableLines(text.trimEnd()),
        ...(truncated ? [`# The rest is left out; the whole block has ${bytes} bytes.`] : []),
      ].join('\n'),
  });
}
