/**
 * NGINX does not start, or ignores a reload, if it cannot listen on one port. `nginx -t` does not notice that another
 * program uses a port. So what needs such a port is left out: an entry of TCP or UDP services, a snippet, or HTTP/3.
 */
import type { RefusedText } from '../model/contract/setting-texts.ts';
import type { Outcome } from '../types/outcome.ts';
import { type ConfNode, parseConf } from '../types/tokenizer.ts';
import type { Built } from './build.ts';
import type { QuarantineState } from './quarantine.ts';
import type { StreamPorts, StreamPortsOptions } from './stream-ports.ts';

export type NginxFailure = Extract<Outcome, { kind: 'failed' }>;

export interface UnboundOptions {
  readonly state: Pick<QuarantineState, 'refuseTexts'>;
  readonly streamPorts: Pick<StreamPorts, 'recheck'>;
  /** Tries to listen on a port, as in `StreamPortsOptions`. */
  readonly probe: StreamPortsOptions['probe'];
}

/** The part of a build that is read here. */
export interface BuiltConf {
  readonly plan: Pick<Built['plan'], 'settingTexts'>;
  readonly artifact: Pick<Built['artifact'], 'conf'>;
}

/** Leaves out what needs a port on which NGINX cannot listen. Resolves to false if there is no such thing. */
export type LeaveUnbound = (built: BuiltConf, failure: NginxFailure) => Promise<boolean>;

export function createLeaveUnbound({ state, streamPorts, probe }: UnboundOptions): LeaveUnbound {
  return async ({ plan: { settingTexts }, artifact: { conf } }, { message, errorLog }) => {
    const unbound = unboundPorts([message, ...errorLog]);
    if (unbound.size === 0) return false;
    if (await streamPorts.recheck()) return true;
    const refused = new Map([
      ...refusedSnippets(settingTexts, unbound),
      ...(await refusedHttp3(settingTexts, unbound, conf, probe)),
    ]);
    if (refused.size > 0) state.refuseTexts(refused);
    return refused.size > 0;
  };
}

const HTTP3 = 'use-http3';

/** The messages name no protocol, so the UDP port is tried. */
async function refusedHttp3(
  texts: ReadonlyMap<string, string>,
  unbound: ReadonlyMap<number, string>,
  conf: string,
  probe: StreamPortsOptions['probe'],
): Promise<readonly (readonly [string, RefusedText])[]> {
  const text = texts.get(HTTP3);
  if (text === undefined) return [];
  for (const [port, message] of unbound) {
    const isHttp3 = new RegExp(`^ +listen (?:\\S+:)?${port} quic\\b`, 'm').test(conf);
    const reason = isHttp3 ? await probe(`UDP ${port}`) : undefined;
    if (reason !== undefined) return [[HTTP3, { text, message: `${message}: UDP port ${port}: ${reason}` }]];
  }
  return [];
}

/** The ports that messages of nginx name, each with the message. */
export function unboundPorts(lines: readonly string[]): ReadonlyMap<number, string> {
  const found = lines.flatMap((line): (readonly [number, string])[] => {
    const [message, port] = /bind\(\) to \S+:(\d+) failed \([^)]*\)/.exec(line) ?? [];
    return message === undefined ? [] : [[Number(port), message]];
  });
  return new Map(found);
}

/** Snippets of the ConfigMap with a server that listens on one of these ports. */
export function refusedSnippets(
  texts: ReadonlyMap<string, string>,
  unbound: ReadonlyMap<number, string>,
): ReadonlyMap<string, RefusedText> {
  const refused = new Map<string, RefusedText>();
  for (const [name, text] of texts) {
    if (!name.endsWith('-snippet')) continue;
    const listens = listensIn(parseConf(text));
    for (const [port, message] of unbound)
      if (listens.some(([from, to]) => from <= port && port <= to)) refused.set(name, { text, message });
  }
  return refused;
}

/** The first and last port of each `listen`: `9000`, `192.0.2.1:9000`, `[::]:9000-9010`. */
function listensIn(nodes: readonly ConfNode[]): readonly (readonly [from: number, to: number])[] {
  return nodes.flatMap(({ words: [name, address = ''], children = [] }) => {
    const [, from, to = from] = /(?:^|:)(\d+)(?:-(\d+))?$/.exec(address) ?? [];
    const own = name === 'listen' && from !== undefined ? [[Number(from), Number(to)] as const] : [];
    return [...own, ...listensIn(children)];
  });
}
