/** Runs the requests of one variant against an instance that has loaded it. */
import { differences, spreadDifferences } from './expect.ts';
import { sendHttp1 } from './http1.ts';
import { sendHttp2 } from './http2.ts';
import type { RequestSpec } from './scenario.ts';
import type { Seen } from './seen.ts';
import { open } from './socket.ts';
import type { Ports } from './socket.ts';
import { replaceTexts } from './variant.ts';
import type { Variant } from './variant.ts';

/** Sends one request on a connection of its own. */
export async function send(spec: RequestSpec, ports: Ports): Promise<Seen> {
  const socket = await open(spec, ports);
  return spec.http === '2' ? sendHttp2(socket, spec) : sendHttp1(socket, spec);
}

async function attempt(spec: RequestSpec, ports: Ports): Promise<Seen | string> {
  return send(spec, ports).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
}

async function runRequest(spec: RequestSpec, variant: Variant, ports: Ports): Promise<string[]> {
  const found: string[] = [];
  const all: Seen[] = [];
  for (let i = 0; i < spec.times; i += 1) {
    const seen = await attempt(spec, ports);
    if (typeof seen === 'string') found.push(...(spec.refused ? [] : [`no answer: ${seen}`]));
    else {
      all.push(seen);
      if (spec.refused) found.push(`expected no answer, got ${seen.status}`);
      else if (spec.expect) found.push(...differences(spec.expect, seen, variant.endpoints));
    }
    if (found.length > 0) break;
  }
  if (found.length === 0 && spec.expect) found.push(...spreadDifferences(spec.expect, all));
  const scheme = spec.tls === false ? 'http' : 'https';
  const title = spec.about ?? `${spec.method} ${scheme}://${spec.host || '-'}${spec.path}`;
  return found.map((difference) => `${title}: ${difference}`);
}

/** Differences of all requests; empty when every expectation holds. `one` of them can be enough. */
export async function runVariant(variant: Variant, ports: Ports, enough: 'one' | 'all'): Promise<string[]> {
  const texts = { HTTP_PORT: String(ports.httpPort), HTTPS_PORT: String(ports.httpsPort) };
  const found: string[] = [];
  for (const spec of replaceTexts(variant.requests, texts)) {
    found.push(...(await runRequest(spec, variant, ports)));
    if (enough === 'one' && found.length > 0) break;
  }
  return found;
}
