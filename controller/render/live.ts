/** The live half of the Plan → keys and JSON texts (docs/live-data.md). */
import type { LiveDocument } from '../types/live.ts';
import type { LivePlan } from '../types/plan.ts';

const texts = new WeakMap<object, string>();

/** JSON of a value that is never changed; made once for each object. */
function textOf(value: object): string {
  const known = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, known);
  return known;
}

/** Key and text of one backend; used alone where only endpoints changed. */
export function renderBackend(key: string, backend: object): readonly [string, string] {
  return [`b:${key}`, textOf(backend)];
}

/** The whole live document. */
export function renderLive(plan: LivePlan): LiveDocument {
  const document = new Map<string, string>([['g:settings', JSON.stringify(plan.settings)]]);
  for (const [key, certificate] of plan.certificates) document.set(`c:${key}`, textOf(certificate));
  for (const [key, backend] of plan.backends) document.set(...renderBackend(key, backend));
  for (const [name, certificate] of plan.names) document.set(`n:${name}`, JSON.stringify(certificate));
  for (const [id, route] of plan.routes) document.set(`r:${id}`, textOf(route));
  return document;
}
