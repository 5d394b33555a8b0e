/** nginx accepts the result of a build, and it has no other directives, whatever entries of TCP and UDP services contain. */
import { parseEntry, portOf } from '../../model/streams/entry.ts';
import { emptySnapshot } from '../../types/snapshot.ts';
import { type ConfNode, parseConf } from '../../types/tokenizer.ts';
import { emptyWorld } from '../incremental/world.ts';
import type { Judge } from './nginx.ts';
import type { Values } from './objects.ts';
import { type Random, randomOf } from './random.ts';
import { refusals } from './refusals.ts';
import { randomText } from './texts.ts';

export interface EntriesTally {
  entries: number;
  /** Entries that Tidegate accepts. */
  accepted: number;
  /** Number of `nginx -t` runs. */
  tests: number;
  readonly refused: string[];
  /** Entries that lead to other servers or directives than they should. */
  readonly changed: string[];
}

export function newEntriesTally(): EntriesTally {
  return { entries: 0, accepted: 0, tests: 0, refused: [], changed: [] };
}

const MAPS = { TCP: 'ingress-nginx/tcp', UDP: 'ingress-nginx/udp' } as const;
type Protocol = keyof typeof MAPS;

interface Entry {
  readonly protocol: Protocol;
  readonly key: string;
  readonly text: string;
}

const NAMES = [
  'shop',
  'db',
  'a-b',
  '0',
  'x'.repeat(63),
  'x'.repeat(64),
  'A',
  '$a',
  'a;',
  'a b',
  '',
  '../x',
  '{',
  '"',
  '\n',
];
const PORTS = ['5432', 'pg', '0', '65536', '-1', '1e3', '$p', '5432;', '', 'a b', '99999999999'];
const PARTS = [
  'PROXY',
  '',
  'proxy',
  'TLS=shop/tls',
  'TLS=a;b/c',
  'TLS=../x/y',
  'AFFINITY=source-ip',
  'UPSTREAM=service',
  '};',
];
const EXAMPLES = { good: ['shop/db:5432', 'shop/db:pg::PROXY:TLS=shop/tls'], bad: ['shop/db', 'shop/db:5432; }'] };

function randomEntry(random: Random, index: number): Entry {
  const usual = String(20_000 + index);
  const parts = Array.from({ length: random.below(3) }, () => random.pick(PARTS));
  const built = [`${random.pick(NAMES)}/${random.pick(NAMES)}:${random.pick(PORTS)}`, ...parts].join(':');
  return {
    protocol: random.chance(0.5) ? 'TCP' : 'UDP',
    key: random.chance(0.8)
      ? usual
      : random.pick([` ${usual}`, `${usual};`, `${usual} udp`, randomText(random, EXAMPLES)]),
    text: random.chance(0.6) ? built : randomText(random, EXAMPLES),
  };
}

/** Two maps as a cluster would have them: each key once. */
function dataOf(entries: readonly Entry[], wanted: Protocol): Values {
  return Object.fromEntries(entries.filter(({ protocol }) => protocol === wanted).map(({ key, text }) => [key, text]));
}

function made(judge: Judge, entries: readonly Entry[]) {
  const maps = (['TCP', 'UDP'] as const).map((protocol) => {
    const [namespace = '', name = ''] = MAPS[protocol].split('/');
    return [MAPS[protocol], { metadata: { namespace, name }, data: dataOf(entries, protocol) }] as const;
  });
  const streams = { tcp: MAPS.TCP, udp: MAPS.UDP, installed: true, reserved: new Map<string, string>() };
  return judge.newBuild({ streams })({ ...emptySnapshot(), ConfigMap: new Map(maps) }, emptyWorld().overrides).artifact;
}

/** The servers that valid entries should lead to: `TCP 20001 tcp-shop-db-5432`. */
function expectedServers(entries: readonly Entry[]): readonly string[] {
  return (['TCP', 'UDP'] as const).flatMap((protocol) =>
    Object.entries(dataOf(entries, protocol)).flatMap(([key, text]) => {
      const [port, parsed] = [portOf(key), parseEntry(text, protocol)];
      if (port === undefined || !parsed.ok) return [];
      const { namespace, service, port: target } = parsed.value.backend;
      return [`${protocol} ${port} ${protocol.toLowerCase()}-${namespace}-${service}-${target}`];
    }),
  );
}

const IN_SERVER =
  /^(?:listen|limit_conn|set|proxy_pass|proxy_protocol|proxy_responses|set_real_ip_from|ssl_certificate|ssl_certificate_key)$/;
const IN_STREAM =
  /^(?:js_\w+|resolver|resolver_timeout|limit_conn_zone|proxy_\w+|log_format|access_log|server|ssl_\w+|map|lua_\w+|preread_by_lua\w*)$/;

/** The servers of the stream block, except the first, which answers DNS questions; directives that should not exist. */
function servers(conf: string): { readonly found: readonly string[]; readonly strange: readonly string[] } {
  const stream = parseConf(conf).find(({ words }) => words[0] === 'stream')?.children ?? [];
  const [, ...all] = stream.filter(({ words }) => words[0] === 'server');
  const value = ({ children = [] }: ConfNode, ...start: readonly string[]): readonly string[] =>
    children.find(({ words }) => start.every((word, at) => words[at] === word))?.words.slice(start.length) ?? [];
  const found = all.map((server) => {
    const [address = '', ...parameters] = value(server, 'listen');
    return `${parameters.includes('udp') ? 'UDP' : 'TCP'} ${address} ${value(server, 'set', '$proxy_upstream_name').join(' ')}`;
  });
  const inside = all.flatMap(({ children = [] }) => children).filter(({ words: [name = ''] }) => !IN_SERVER.test(name));
  const beside = stream.filter(({ words: [name = ''] }) => !IN_STREAM.test(name));
  return { found, strange: [...inside, ...beside].map(({ words }) => words.join(' ')) };
}

/** Builds one nginx.conf with `size` entries. */
export async function tryEntries(judge: Judge, seed: number, size: number, tally: EntriesTally): Promise<void> {
  const random = randomOf(seed);
  const entries = Array.from({ length: size }, (_, index) => randomEntry(random, index));
  const whole = made(judge, entries);
  const { found, strange } = servers(whole.conf);
  const expected = expectedServers(entries);
  tally.entries += size;
  tally.accepted += expected.length;
  const present = new Set(found);
  const missing = expected.filter((each) => !present.has(each));
  if (missing.length > 0 || found.length !== expected.length || strange.length > 0)
    tally.changed.push(`seed ${seed}: missing ${JSON.stringify(missing)}, strange ${JSON.stringify(strange)}`);
  const refused = await refusals(entries, async (some) => {
    tally.tests += 1;
    return judge.test(some === entries ? whole : made(judge, some));
  });
  for (const { items, message } of refused)
    tally.refused.push(`seed ${seed}: ${message}: ${JSON.stringify(items.slice(0, 2)).slice(0, 2000)}`);
}
