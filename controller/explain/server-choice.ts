/** Chooses the server block of a host as NGINX does: exact names first, then patterns in the order of the file. */
import type { HostPlan, ServerName, StaticPlan } from '../types/plan.ts';
import { toBytes } from './bytes.ts';
import { matchPcre } from './pcre.ts';

export interface ServerChoice {
  readonly host: HostPlan;
  /** Why NGINX chooses the block, as a sentence without a full stop. */
  readonly why: string;
}

/** NGINX compares server names without regard to upper and lower case, and a dot does not match a line feed. */
const SERVER_NAMES = { caseless: true, dotAll: false } as const;

export function nameText({ kind, text }: ServerName): string {
  return kind === 'regex' ? `~${text}` : text;
}

/** The server block for a host name in lower case; undefined only if the Plan has no default server. */
export function chooseServer(hosts: StaticPlan['hosts'], name: string): ServerChoice | undefined {
  let byDefault: HostPlan | undefined;
  let byPattern: ServerChoice | undefined;
  for (const host of hosts.values()) {
    if (host.isDefault) byDefault = host;
    for (const each of host.names) {
      if (each.kind === 'exact') {
        if (toBytes(each.text) === name) return { host, why: `${each.text} is one of its names` };
      } else if (byPattern === undefined && matchPcre(toBytes(each.text), name, SERVER_NAMES) !== null)
        byPattern = {
          host,
          why: `no server block has exactly this name, and ~${each.text} is the first pattern that matches`,
        };
    }
  }
  if (byPattern !== undefined) return byPattern;
  const why = 'no Ingress has this host, so the default server answers';
  return byDefault === undefined ? undefined : { host: byDefault, why };
}
