/**
 * The labels that belong to an entry: a TCP or UDP service, or a server name whose TLS connections are passed through.
 * NGINX sends entries as `controller/types/session-metrics.ts` writes them, so it cannot invent labels.
 */
import type { LivePassthrough } from '../../types/live.ts';
import type { Plan } from '../../types/plan.ts';
import { passedEntry, portEntry, type SessionLabels } from '../../types/session-metrics.ts';
import { serverNameFile, type StreamPlan, type StreamServer } from '../../types/stream.ts';
import { type Change, diff } from '../../types/table/diff.ts';

export interface KnownSessions {
  /** Learns the entries of a new Plan, and returns those that it lacks or that have other labels. */
  readonly follow: (plan: Plan) => readonly string[];
  readonly get: (entry: string) => SessionLabels | undefined;
  /** The entries of TCP and UDP services. */
  readonly ports: () => readonly string[];
}

function labelsOfPort({ protocol, port, service: target }: StreamServer): SessionLabels {
  const [name = '', servicePort = ''] = target.split(':');
  const [namespace = '', service = ''] = name.split('/');
  return { protocol, port: String(port), namespace, service, service_port: servicePort, ingress: '', host: '' };
}

/** `httpsPort`: the port on which clients connect. */
export function createKnownSessions(httpsPort: number): KnownSessions {
  let streams: StreamPlan | null = null;
  let passed: ReadonlyMap<string, LivePassthrough> = new Map();
  const ofPorts = new Map<string, SessionLabels>();
  const ofNames = new Map<string, SessionLabels>();
  /** The entry of each server name. */
  const entries = new Map<string, string>();

  function followPorts(now: StreamPlan | null): readonly string[] {
    if (now === streams) return [];
    streams = now;
    const before = [...ofPorts.keys()];
    ofPorts.clear();
    for (const server of now?.servers ?? []) ofPorts.set(portEntry(server), labelsOfPort(server));
    return before.filter((entry) => !ofPorts.has(entry));
  }

  function followName([name, , now]: Change<LivePassthrough>, { streamFiles }: Plan): readonly string[] {
    const before = entries.get(name);
    if (before !== undefined) ofNames.delete(before);
    entries.delete(name);
    const entry = entryOf(name, streamFiles);
    if (typeof now === 'object' && entry !== undefined) {
      entries.set(name, entry);
      ofNames.set(entry, labelsOfName(name, now));
    }
    return before === undefined ? [] : [before];
  }

  function labelsOfName(host: string, { backend, ingress: key }: Exclude<LivePassthrough, string>): SessionLabels {
    const [namespace = '', service = '', port = ''] = backend.split('/');
    const [servicePort = ''] = port.split('.');
    const ingress = key.slice(key.indexOf('/') + 1);
    return { protocol: 'TLS', port: String(httpsPort), namespace, service, service_port: servicePort, ingress, host };
  }

  return {
    follow: (plan) => {
      const gone = [...followPorts(plan.static.streams)];
      for (const change of diff(passed, plan.live.passthrough)) gone.push(...followName(change, plan));
      passed = plan.live.passthrough;
      return gone;
    },
    get: (entry) => ofPorts.get(entry) ?? ofNames.get(entry),
    ports: () => [...ofPorts.keys()],
  };
}

/** The file about a server name begins with the name of the file with the endpoints. */
function entryOf(name: string, files: Plan['streamFiles']): string | undefined {
  const nameFile = serverNameFile(name);
  const file = files.get(nameFile);
  return file?.kind === 'text' ? passedEntry(nameFile, file.text.split(' ')[0] ?? '') : undefined;
}
