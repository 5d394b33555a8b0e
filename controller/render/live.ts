/**
 * Writes the live half of a Plan as keys and values in JSON (see docs/live-data.md). Only what has changed since the
 * last Plan is written again.
 */
import type { LiveBackend, LiveCertificate, LiveDocument, LiveSettings } from '../types/live.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { LivePlan } from '../types/plan.ts';
import type { Steps } from '../types/steps.ts';
import { derive, type Derived, emptyTally, nothingDerived, recount, type Tally } from '../types/table/derive.ts';
import { diff } from '../types/table/diff.ts';
import { draftOf, emptyTable, type Table, tableOf } from '../types/table/table.ts';
import { type SharedRoute, shareRoute } from './shared-parts.ts';

/** The live document, with the inputs that it was made from. */
export interface RenderedLive {
  readonly document: Table<string> & LiveDocument;
  /** The written form of each route, and the shared parts that routes refer to: hash → JSON. */
  readonly routes: Derived<LiveRoute, SharedRoute>;
  readonly parts: Tally<string>;
  readonly settings: ReadonlyMap<string, LiveSettings>;
  readonly certificates: ReadonlyMap<string, LiveCertificate>;
  readonly backends: ReadonlyMap<string, LiveBackend>;
  readonly names: ReadonlyMap<string, string>;
}

export const NO_LIVE: RenderedLive = {
  document: emptyTable(),
  routes: nothingDerived(),
  parts: emptyTally(),
  settings: new Map(),
  certificates: emptyTable(),
  backends: emptyTable(),
  names: emptyTable(),
};

/** Key and JSON text of one backend; also used alone, when only endpoints have changed. */
export function renderBackend(key: string, backend: LiveBackend): readonly [string, string] {
  return [`b:${key}`, JSON.stringify(backend)];
}

/** Renders the whole live document, in steps; `before` is the result for the last Plan. */
export function* renderLive(plan: LivePlan, before: RenderedLive): Steps<RenderedLive> {
  const routes = yield* derive(tableOf(plan.routes), before.routes, shareRoute);
  const parts = yield* recount(before.parts, diff(before.routes.table, routes.table), (route) => route.parts);
  const settings = new Map([['settings', plan.settings]]);
  const { certificates, backends, names } = plan;
  const draft = draftOf(before.document);
  function* write<V>(
    prefix: string,
    was: ReadonlyMap<string, V>,
    now: typeof was,
    text: (value: V) => string,
  ): Steps<void> {
    for (const [key, , value] of diff(was, now)) {
      draft.set(`${prefix}${key}`, value === undefined ? undefined : text(value));
      yield;
    }
  }
  yield* write('p:', before.parts.values, parts.values, (text) => text);
  yield* write('g:', before.settings, settings, JSON.stringify);
  yield* write('c:', before.certificates, certificates, JSON.stringify);
  yield* write('b:', before.backends, backends, JSON.stringify);
  yield* write('n:', before.names, names, JSON.stringify);
  yield* write('r:', before.routes.table, routes.table, ({ text }) => text);
  return { document: yield* draft.freeze(), routes, parts, settings, certificates, backends, names };
}
