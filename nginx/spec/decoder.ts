/** Pushes whole live documents to NGINX, to find out which keys its decoder refuses, and why. */
import { formatBatch, LINES_MAX, prefixRank, setLine } from '../../controller/nginx/batch.ts';
import type { Fixture } from './fixture.ts';
import { digestOf } from './live.ts';

type Entry = readonly [key: string, text: string];

/** Splits a document into bodies, with the entries in the order in which they are sent. */
function* bodies(live: ReadonlyMap<string, string>): Generator<readonly Entry[]> {
  let entries: Entry[] = [];
  let bytes = 0;
  for (const [key, text] of [...live].sort(([a], [b]) => (prefixRank(a) ?? 0) - (prefixRank(b) ?? 0))) {
    const line = Buffer.byteLength(setLine(key, text));
    if (bytes + line > LINES_MAX && entries.length > 0) {
      yield entries;
      [entries, bytes] = [[], 0];
    }
    entries.push([key, text]);
    bytes += line;
  }
  if (entries.length > 0) yield entries;
}

/**
 * Pushes the document, and pushes each refused body again without the refused key. Returns NGINX's messages about
 * refused keys.
 */
export async function refusedKeys({ api }: Fixture, live: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const refused: string[] = [];
  for (let entries of bodies(live)) {
    while (entries.length > 0) {
      const { revision: base } = await api.state();
      const { status, body } = await api.post(
        formatBatch({ base, sets: entries, removes: [], digest: digestOf(entries.join()) }),
      );
      if (status === 200) break;
      const { message } = JSON.parse(body) as { readonly message: string };
      const rest = entries.filter(([key]) => !message.startsWith(`${key}: `));
      refused.push(message);
      // The message names no key if the body as a whole is refused.
      if (rest.length === entries.length) break;
      entries = rest;
    }
  }
  return refused;
}
