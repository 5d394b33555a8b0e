/** Remembers the plan of a host for as long as everything it was made from is the same. */
import { type HostInput, type HostOutput, planHost } from './host-plan.ts';
import type { IngressModel } from './ingress-model.ts';

interface Memo {
  readonly input: HostInput;
  readonly output: HostOutput;
}

/** By the host's oldest Ingress, whose model goes when the Ingress changes. */
const memos = new WeakMap<IngressModel, Map<string, Memo>>();

function same(a: HostInput, b: HostInput): boolean {
  return (
    a.tls === b.tls &&
    a.settings === b.settings &&
    a.models.length === b.models.length &&
    a.models.every((model, index) => model === b.models[index]) &&
    a.names.length === b.names.length &&
    a.names.every((name, index) => name.text === b.names[index]?.text && name.kind === b.names[index].kind) &&
    a.defaultBackend?.namespace === b.defaultBackend?.namespace &&
    a.defaultBackend?.service === b.defaultBackend?.service &&
    a.defaultBackend?.port === b.defaultBackend?.port
  );
}

/** planHost, done again only where its input differs; the same input gives the very same output object. */
export function planHostOnce(input: HostInput): HostOutput {
  const [oldest] = input.models;
  if (oldest === undefined) return planHost(input);
  const hosts = memos.get(oldest) ?? new Map<string, Memo>();
  memos.set(oldest, hosts);
  const memo = hosts.get(input.host);
  if (memo !== undefined && same(memo.input, input)) return memo.output;
  const output = planHost(input);
  hosts.set(input.host, { input, output });
  return output;
}
