/**
 * Finds out which ports of TCP and UDP services NGINX can listen on. NGINX would refuse its whole configuration because
 * of one port that another program uses, so a port is served only after it has been tried.
 */
import type { Overrides } from './build.ts';

export type KnownPorts = NonNullable<Overrides['streamPorts']>;

export interface StreamPortsOptions {
  /** The port of NGINX's own server in the stream block, without which no entry works (`UDP 10247`). */
  readonly own: string;
  /** Tries to listen on a port (`TCP 5432`). Resolves to the reason why that fails; undefined if it works. */
  readonly probe: (port: string) => Promise<string | undefined>;
  /** The text of the nginx.conf in force: its own ports need not be free. */
  readonly currentConf: () => string | undefined;
  /** Called when `known` has changed. */
  readonly changed: (known: KnownPorts) => void;
  /** How often ports are tried again that could not be used, in ms. */
  readonly everyMs: number;
}

export interface StreamPorts {
  /** Tries the ports of a Plan that have not been tried yet. Resolves to true if `known` has changed. */
  readonly want: (ports: readonly string[]) => Promise<boolean>;
  /** Tries all ports of the last Plan again, except those that NGINX listens on. Resolves like `want`. */
  readonly recheck: () => Promise<boolean>;
  readonly close: () => void;
}

/** Tries no ports. */
export const NO_STREAM_PORTS: StreamPorts = {
  want: () => Promise.resolve(false),
  recheck: () => Promise.resolve(false),
  close: () => undefined,
};

const STREAM = /^stream \{\n[^]*?^\}/m;
const SNIPPET = /^ {4}# stream-snippet of the ConfigMap\n[^]*?^ {4}# end of stream-snippet$/m;

/**
 * Whether nginx.conf listens on a port in its stream block, apart from stream-snippet: an entry cannot use a port on
 * which a snippet listens.
 */
export function listensOn(conf: string, port: string): boolean {
  const [protocol, number = ''] = port.split(' ');
  const end = protocol === 'UDP' ? ' udp\\b' : '(?! udp)[ ;]';
  const block = (STREAM.exec(conf)?.[0] ?? '').replace(SNIPPET, '');
  return new RegExp(`^ {8}listen (?:\\S+:)?${number}${end}`, 'm').test(block);
}

export function createStreamPorts({ own, probe, currentConf, changed, everyMs }: StreamPortsOptions): StreamPorts {
  let known: KnownPorts = new Map();
  let wanted: readonly string[] = [];
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  async function judge(port: string): Promise<string> {
    return listensOn(currentConf() ?? '', port) ? '' : ((await probe(port)) ?? '');
  }

  /** Why no entry can be served. */
  async function judgeOwn(): Promise<string> {
    const reason = await judge(own);
    if (reason === '') return '';
    const [protocol, number] = own.split(' ');
    return `for this, NGINX also needs ${protocol} port ${number}: ${reason}; choose another with --stream-port`;
  }

  async function look(ports: readonly string[]): Promise<boolean> {
    const ofAll = ports.length === 0 ? '' : await judgeOwn();
    const judged = new Map(
      await Promise.all(ports.map(async (port) => [port, ofAll === '' ? await judge(port) : ofAll] as const)),
    );
    const next = new Map(wanted.map((port) => [port, judged.get(port) ?? known.get(port)]));
    const kept = new Map(
      [...next].flatMap(([port, reason]) => (reason === undefined ? [] : [[port, reason] as const])),
    );
    if (closed) return false;
    again ??= [...kept.values()].some((reason) => reason !== '') ? setTimeout(retry, everyMs) : undefined;
    if (kept.size === known.size && [...kept].every(([port, reason]) => known.get(port) === reason)) return false;
    known = kept;
    changed(known);
    return true;
  }

  function retry(): void {
    again = undefined;
    void look(wanted.filter((port) => known.get(port) !== ''));
  }

  return {
    want: (ports) => {
      if (ports.length === wanted.length && ports.every((port, index) => wanted[index] === port && known.has(port)))
        return Promise.resolve(false);
      wanted = ports;
      return look(ports.filter((port) => !known.has(port)));
    },
    recheck: () => look(wanted),
    close: () => {
      closed = true;
      clearTimeout(again);
    },
  };
}
