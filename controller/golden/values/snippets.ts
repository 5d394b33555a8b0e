/** Random snippets with directives that docs/snippets.md lists; most lines are valid by themselves. */
import { compileSnippet } from '../../model/values/snippets/compile.ts';
import { NATIVE_NAMES } from '../../model/values/snippets/directives.ts';
import type { Random } from './random.ts';

const NAMES = [
  ...NATIVE_NAMES,
  'add_header X-B',
  'auth_request_set $b',
  'more_set_input_headers',
  'proxy_hide_header',
  'proxy_set_header X-A',
  'return',
  'set $a',
];
const WORDS = (
  '0 1 5 64 4096 999999999 0k 1k 8k 16k 64m 999999999m 0s 60s 500ms 5ms 24d -1 +5h -1y on off any auth epoch max modified ' +
  'text/html text/plain * utf-8 1.0 1.1 10.0.0.0/8 all ::/0 "" a b "x y" $host ~x exact before X-Accel-Expires Set-Cookie ' +
  'Vary expired no-cache'
).split(/ (?!y")/);

export type Place = 'server' | 'location' | 'auth';

/** Where directives of a `*-snippet` annotation are placed; undefined for other annotations. */
export function placeOf(annotation: string): Place | undefined {
  if (annotation === 'auth-snippet') return 'auth';
  if (annotation === 'server-snippet') return 'server';
  return annotation === 'configuration-snippet' ? 'location' : undefined;
}

function line(random: Random, place: Place): string {
  const name = random.pick(NAMES);
  let text = '';
  for (let tries = 0; tries < 40; tries += 1) {
    const words = Array.from({ length: 1 + random.below(3) }, () =>
      random.chance(0.02) ? 'x'.repeat(random.pick([50, 300, 4000, 4090, 4096])) : random.pick(WORDS),
    );
    text = `${name} ${words.join(' ')};`;
    if (compileSnippet(text, place).ok || random.chance(0.03)) break;
  }
  return text;
}

export function randomSnippet(random: Random, place: Place): string {
  return Array.from({ length: 1 + random.below(4) }, () => line(random, place)).join(random.pick(['\n', ' ']));
}
