/**
 * Sends changed endpoints to NGINX at once, without a build. Requests a build afterwards if the change also affects
 * something that only a build can update, such as Problems.
 */
import { refusedOf } from '../model/host/backends/refused-addresses.ts';
import type { Snapshot, SnapshotEvent } from '../types/snapshot.ts';
import type { Built, Overrides } from './build.ts';
import { newerBackends, type NewerBackend } from './endpoints.ts';
import type { Live } from './live.ts';
import { unusedReasons } from './live-reasons.ts';
import type { Reporter } from './reporter.ts';

export interface EndpointChangesOptions {
  readonly live: Live;
  readonly report: Reporter['live'];
  readonly overrides: () => Overrides;
  readonly rebuild: () => void;
}

export interface EndpointChanges {
  /**
   * Renders the backends whose Services (`overtaken`) changed during a build. Returns them as entries of the live data.
   */
  readonly afterBuild: (
    built: Built,
    overtaken: ReadonlySet<string>,
    newest: Snapshot,
  ) => readonly NewerBackend['entry'][];
  /** Sends the new endpoints of these Services to NGINX. */
  readonly send: (event: SnapshotEvent, built: Built, services: ReadonlySet<string>) => void;
  readonly close: () => void;
}

const SETTLE_MS = 250;
/**
 * A build is requested after the endpoints have grown by this many bytes. The shared dictionary has room for ten times
 * as much.
 */
const MOST_GROWTH = 2 * 1024 * 1024;

export function createEndpointChanges({ live, report, overrides, rebuild }: EndpointChangesOptions): EndpointChanges {
  /** Backends that, since the last build, have gained their first or lost their last endpoint or refused address. */
  const flipped = new Set<string>();
  let settle: NodeJS.Timeout | undefined;
  /** Backends that could not be rendered with newer endpoints. A build was requested to find the cause. */
  const failing = new Set<string>();
  /** How many bytes the endpoints have grown by since the last build. */
  let grownBytes = 0;

  function backendsOf(built: Built, services: ReadonlySet<string>, newest: Snapshot): readonly NewerBackend[] {
    return newerBackends(built, services, newest, overrides(), (key) => {
      if (!failing.has(key)) rebuild();
      failing.add(key);
    });
  }

  /**
   * If a backend has gained its first or lost its last endpoint or refused address, requests a build shortly
   * afterwards. The build updates the Problems about endpoints and refused addresses.
   */
  function settleIfFlipped(built: Built, newer: readonly NewerBackend[]): void {
    for (const { entry, backend } of newer) {
      const [key, has] = [entry[0].slice(2), backend.endpoints.length > 0];
      const was = built.plan.live.backends.get(key);
      const had = (was?.endpoints.length ?? 0) > 0;
      const refuses = refusedOf(backend).length > 0;
      const refused = was !== undefined && refusedOf(was).length > 0;
      if (has === had && refuses === refused) flipped.delete(key);
      else flipped.add(key);
    }
    if (flipped.size === 0) return;
    settle ??= setTimeout(() => {
      settle = undefined;
      if (flipped.size > 0) rebuild();
    }, SETTLE_MS);
  }

  /**
   * Requests a build if the rules about addresses have changed, because the new rules may refuse or allow addresses of
   * any Service.
   */
  function rebuildIfRulesChanged(built: Built, newest: Snapshot): void {
    if (built.newerEndpointRules(newest) !== built.endpointRules) rebuild();
  }

  return {
    afterBuild: (built, overtaken, newest) => {
      flipped.clear();
      grownBytes = 0;
      const newer = backendsOf(built, overtaken, newest);
      settleIfFlipped(built, newer);
      rebuildIfRulesChanged(built, newest);
      return newer.map(({ entry }) => entry);
    },
    send: ({ changes, noticedAt: since, snapshot }, built, services) => {
      const newer = backendsOf(built, services, snapshot);
      const changed = live.setBackends(newer.map(({ entry }) => entry));
      for (const [key, text] of changed)
        grownBytes += Math.max(0, text.length - (built.artifact.live.get(key)?.length ?? 0));
      // A build has to recalculate each namespace's share and the size of the dictionary.
      if (grownBytes > MOST_GROWTH) rebuild();
      rebuildIfRulesChanged(built, snapshot);
      if (changed.length === 0) report({ kind: 'none' }, unusedReasons(changes));
      else void live.send({ routes: built.plan.live.routes, changes, since, quiet: false });
      settleIfFlipped(built, newer);
    },
    close: () => clearTimeout(settle),
  };
}
