/** Runs whole live documents through NGINX's decoder: which keys it refuses, and why. */
import { formatBatch, LINES_MAX, prefixRank, setLine } from '../../controller/nginx/batch.ts';
import type { Fixture } from './fixture.ts';
import { digestOf } from './live.ts';

type Entry = readonly [key: string, text: string];

/** In the order of sending, as many as fit into one body. */
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

/** Pushes the document without its refused keys; returns NGINX's message for each of those. */
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
      // The refusal of a whole body does not name a key.
      if (rest.length === entries.length) break;
      entries = rest;
    }
  }
  return refused;
}
