/** A variant of a scenario: as written, or its control. Each has its own host, namespace, endpoints and Secrets. */
import { issue } from '../certificates.ts';
import type { Backends } from '../backends/start.ts';
import { applyControl } from './control.ts';
import { writeEndpoints } from './endpoints.ts';
import type { Endpoint } from './endpoints.ts';
import { writeManifests } from './manifests.ts';
import { placeIn } from './object.ts';
import type { KubernetesObject } from './object.ts';
import type { RequestSpec, Scenario } from './scenario.ts';
import { clientSecret, secretOf } from './secrets.ts';

export interface Variant {
  readonly host: string;
  readonly namespace: string;
  /** Strings to replace in the scenario, such as its placeholders, and their values. */
  readonly texts: Readonly<Record<string, string>>;
  readonly syslog: Backends['syslog'];
  readonly objects: readonly KubernetesObject[];
  readonly requests: readonly RequestSpec[];
  /** Whether the requests share cookies. */
  readonly jar: boolean;
  /** `ip:port` → the endpoint with its Service. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

/** Replaces parts of all strings of a value, including the keys of objects. */
export function replaceTexts<T>(value: T, texts: Readonly<Record<string, string>>): T {
  let json = JSON.stringify(value);
  for (const [from, to] of Object.entries(texts)) {
    const pattern = /^[A-Z_]+$/.test(from) ? new RegExp(`\\b${from}\\b`, 'g') : from;
    json = json.replaceAll(pattern, to);
  }
  return JSON.parse(json) as T;
}

async function writeSecrets(scenario: Scenario, backends: Backends): Promise<KubernetesObject[]> {
  const tls = Object.entries(scenario.tlsSecrets).map(async ([name, hosts]) => secretOf(name, await issue(hosts)));
  const backend = Object.entries(scenario.backendSecrets).map(async ([name, kind]) => {
    const authority = kind === 'trusted' ? backends.authority : await issue(['Stranger'], undefined, true);
    return secretOf(name, await issue(['tidegate-client'], authority), authority.cert);
  });
  const client = Object.entries(scenario.clientSecrets).map(([name, kind]) => clientSecret(name, kind));
  return [...(await Promise.all([...tls, ...backend])), ...client];
}

/** Makes a variant whose host begins with `id`, a DNS label that no other variant has, and whose namespace is `id`. */
export async function makeVariant(
  scenario: Scenario,
  options: { readonly id: string; readonly control: boolean; readonly backends: Backends },
): Promise<Variant> {
  const { id, backends } = options;
  const host = `${id}.example.test`;
  const texts = {
    ...scenario.rename,
    HOST: host,
    UPPERHOST: host.toUpperCase(),
    NAMESPACE: id,
    LOGS: backends.logFolder,
    SYSLOG_PORT: String(backends.syslog.port),
  };
  const local = replaceTexts({ ...scenario, rename: {} }, texts);
  const { objects: services, endpoints } = writeEndpoints(local.endpoints, id, backends);
  let objects = replaceTexts(writeManifests(local), texts);
  if (options.control) objects = applyControl(objects, local.control);
  const secrets = await writeSecrets(local, backends);
  const all = [...objects, ...services, ...secrets].map((object) => placeIn(id, object));
  const { syslog } = backends;
  return { host, namespace: id, texts, syslog, objects: all, requests: local.requests, jar: local.jar, endpoints };
}
