/**
 * The loop. Live data goes out at once, also while nginx tests or reloads; structure is coalesced and applied one at a
 * time; what nginx refuses is traced to one Ingress and left out. Nothing already working is given up.
 */
import type { LiveDelta } from '../types/live.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Plan, StaticPlan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { Snapshot, SnapshotEvent } from '../types/snapshot.ts';
import { type Assemble, assembleSafely, type Assembly, type Circumstances } from './assembly.ts';
import { createCoalescer } from './coalesce.ts';
import { changedBackends, onlyEndpoints } from './endpoints.ts';
import { liveReasons, unusedReasons } from './live-reasons.ts';
import { decideQuarantine, type Refusal, settingsRefused } from './quarantine.ts';
import { reloadReasons } from './reasons.ts';

/** Where the loop says what happened; it decides nothing. */
export interface Reporter {
  /** All Problems there are now. */
  readonly problems: (problems: readonly Problem[]) => void;
  /** What became of nginx.conf and the process; `sinceMs`: from the change to now. */
  readonly structure: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** What became of live data. */
  readonly live: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  readonly info: (message: string) => void;
  readonly error: (message: string) => void;
}

export interface ControllerOptions {
  readonly nginx: Nginx;
  readonly assemble: Assemble;
  readonly report: Reporter;
  /** Called before NGINX is started (not when it is adopted); a message stops the start. */
  readonly beforeStart: () => Promise<string | undefined>;
  /** Called after each build: what it refers to may have to be watched. */
  readonly assembled: (assembly: Assembly) => void;
  readonly quietMs: number;
  readonly spacingMs: number;
}

export interface Controller {
  /** Brings NGINX up with the first Snapshot. Resolves to a message where that is not possible. */
  readonly start: (event: SnapshotEvent) => Promise<string | undefined>;
  readonly handle: (event: SnapshotEvent) => void;
  /** New addresses of DNS names. */
  readonly resolved: (names: Circumstances['resolvedNames']) => void;
  /** Everything is built again, for new templates. */
  readonly refresh: (reason: string) => void;
  /** What was built last; undefined before the start. */
  readonly plan: () => Plan | undefined;
  /** Milliseconds that the structural change under way has taken; 0 where there is none. */
  readonly busyMs: () => number;
  /** Ingresses that are left out because nginx refuses them. */
  readonly quarantined: () => number;
  readonly close: () => void;
}

/** What NGINX runs on now. */
interface InForce {
  readonly conf: string;
  readonly plan: StaticPlan | undefined;
  readonly ingresses: Snapshot['Ingress'];
}

const SETTLE_MS = 250;
const RETRY_MS = 5000;
const FIRST_REVIVAL_MS = 200;
const MOST_REVIVAL_MS = 30_000;

export function createController(options: ControllerOptions): Controller {
  const { nginx, assemble, report } = options;
  let circumstances: Circumstances = { quarantine: new Map(), resolvedNames: new Map(), defaultSettingsOnly: false };
  let latest: Assembly | undefined;
  let readProblems: readonly Problem[] = [];
  let settingsProblem: Problem | undefined;
  let inForce: InForce = { conf: '', plan: undefined, ingresses: new Map() };
  /** Live data as NGINX has been told. */
  let told = new Map<string, string>();
  let changedAt = 0;
  let busySince: number | undefined;
  let settle: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  nginx.onExit((detail) => {
    report.error(`${detail}; it is started again`);
    inForce = { ...inForce, conf: '' };
    void revive(FIRST_REVIVAL_MS);
  });

  /** Starts NGINX again after it ended by itself; tries until it runs. */
  async function revive(waitMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const target = latest;
    if (closed || target === undefined) return;
    const assembly = reassemble(target.snapshot);
    const outcome = await nginx.start(assembly.artifact);
    if (closed) return;
    report.structure(outcome, []);
    if (outcome.kind !== 'started') return revive(Math.min(waitMs * 2, MOST_REVIVAL_MS));
    started(assembly);
    again();
  }

  function started(target: Assembly): void {
    told = new Map(target.artifact.live);
    inForce = { conf: target.artifact.conf, plan: target.plan.static, ingresses: served(target) };
  }

  const coalescer = createCoalescer({ quietMs: options.quietMs, spacingMs: options.spacingMs }, async () => {
    busySince = performance.now();
    await applyStructure();
    busySince = undefined;
  });

  function reassemble(snapshot: Snapshot): Assembly {
    const assembly = assembleSafely(assemble, snapshot, circumstances);
    latest = assembly;
    const extra = settingsProblem === undefined ? [] : [settingsProblem];
    report.problems([...readProblems, ...assembly.problems, ...extra]);
    options.assembled(assembly);
    return assembly;
  }

  function difference(assembly: Assembly, withRemovals: boolean): LiveDelta {
    const set = [...assembly.artifact.live].filter(([key, text]) => told.get(key) !== text);
    const remove = withRemovals ? [...told.keys()].filter((key) => !assembly.artifact.live.has(key)) : [];
    return { set, remove };
  }

  /** Sends a difference and says so, unless it belongs to a structural change that will say so. */
  async function push(delta: LiveDelta, reasons: readonly string[], since: number, quiet: boolean): Promise<void> {
    if (delta.set.length === 0 && delta.remove.length === 0) return;
    for (const [key, text] of delta.set) told.set(key, text);
    for (const key of delta.remove) told.delete(key);
    const outcome = await nginx.push(delta);
    if (outcome.kind === 'failed' || (!quiet && outcome.kind !== 'none')) {
      report.live(outcome, reasons, performance.now() - since);
    }
  }

  function apply(event: Pick<SnapshotEvent, 'snapshot' | 'changes' | 'noticedAt'>): void {
    const assembly = reassemble(event.snapshot);
    const structural = assembly.artifact.conf !== inForce.conf;
    const delta = difference(assembly, !structural);
    const reasons = liveReasons(delta, assembly.plan.live.routes);
    void push(delta, reasons, event.noticedAt, structural);
    if (structural) {
      if (changedAt === 0) changedAt = event.noticedAt;
      coalescer.request();
    } else if (reasons.length === 0 && event.changes.length > 0) {
      // Of the same bytes, an Ingress that came back as it was counts as served.
      report.live({ kind: 'none' }, unusedReasons(event.changes));
    }
    if (!structural) inForce = { conf: inForce.conf, plan: assembly.plan.static, ingresses: served(assembly) };
  }

  /** Ingresses in the version that NGINX serves. */
  function served(assembly: Assembly): Snapshot['Ingress'] {
    const ingresses = new Map(assembly.snapshot.Ingress);
    for (const [key, quarantine] of circumstances.quarantine) {
      if (ingresses.get(key) !== quarantine.refused) continue;
      if (quarantine.lastGood === undefined) ingresses.delete(key);
      else ingresses.set(key, quarantine.lastGood);
    }
    return ingresses;
  }

  async function applyStructure(): Promise<void> {
    const target = latest;
    if (closed || target === undefined || target.artifact.conf === inForce.conf) return;
    const since = changedAt;
    changedAt = 0;
    const outcome = await nginx.reload(target.artifact);
    if (outcome.kind === 'refused') {
      report.structure(outcome, []);
      if (await quarantineRefused(target, outcome)) again();
      else retry = setTimeout(coalescer.request, RETRY_MS);
      return;
    }
    if (outcome.kind === 'failed') {
      report.structure(outcome, []);
      retry = setTimeout(coalescer.request, RETRY_MS);
      return;
    }
    confirm(target, outcome, since);
  }

  function confirm(target: Assembly, outcome: Outcome, since: number): void {
    const elapsed = since === 0 ? undefined : performance.now() - since;
    report.structure(outcome, reloadReasons(inForce.plan, target.plan.static), elapsed);
    inForce = { conf: target.artifact.conf, plan: target.plan.static, ingresses: served(target) };
    const now = latest ?? target;
    if (now.artifact.conf === inForce.conf)
      void push({ set: [], remove: difference(now, true).remove }, [], since, true);
    else coalescer.request();
  }

  /** Builds and applies once more with the same Snapshot. */
  function again(): void {
    if (closed || latest === undefined) return;
    apply({ snapshot: latest.snapshot, changes: [], noticedAt: performance.now() });
  }

  /** Leaves out what nginx refused; false where nothing can be left out. */
  async function quarantineRefused(target: Assembly, refused: Refusal): Promise<boolean> {
    const decided = await decideQuarantine({
      target,
      refused,
      circumstances,
      good: inForce.ingresses,
      assemble,
      nginx,
    });
    if (decided === undefined) {
      report.error(`nginx refuses the configuration whatever is left out: ${refused.check.message}`);
      return false;
    }
    if (decided.defaultSettingsOnly && !circumstances.defaultSettingsOnly) settingsProblem = settingsRefused(refused);
    circumstances = decided;
    return true;
  }

  /** A cold start cannot fall back on what runs: candidates are tried until nginx takes one. */
  async function coldStart(): Promise<string | undefined> {
    const obstacle = await options.beforeStart();
    if (obstacle !== undefined) return obstacle;
    for (let round = 0; round < 10; round += 1) {
      const target = latest;
      if (target === undefined) return 'nothing to start with';
      const outcome = await nginx.start(target.artifact);
      if (outcome.kind === 'refused') {
        report.structure(outcome, []);
        if (!(await quarantineRefused(target, outcome))) return outcome.check.message;
        reassemble(target.snapshot);
        continue;
      }
      report.structure(outcome, []);
      if (outcome.kind === 'failed') return outcome.message;
      started(target);
      return undefined;
    }
    return 'nginx refuses every configuration that was tried';
  }

  return {
    start: async (event) => {
      readProblems = event.problems;
      const opened = await nginx.open();
      const assembly = reassemble(event.snapshot);
      if (opened.kind === 'none') return coldStart();
      report.structure(opened, []);
      const synced = await nginx.resync(assembly.artifact.live);
      if (synced.kind === 'failed') return synced.message;
      if (synced.kind === 'live') report.live(synced, ['live data differed from what NGINX held']);
      told = new Map(assembly.artifact.live);
      inForce = { conf: nginx.currentConf() ?? '', plan: undefined, ingresses: new Map() };
      if (assembly.artifact.conf === inForce.conf) {
        inForce = { conf: inForce.conf, plan: assembly.plan.static, ingresses: served(assembly) };
        report.structure({ kind: 'none' }, ['NGINX runs with this very configuration']);
      } else await applyStructure();
      return undefined;
    },
    handle: (event) => {
      readProblems = event.problems;
      const before = latest;
      if (before === undefined) return;
      if (event.changes.some(({ kind }) => kind === 'ConfigMap')) {
        settingsProblem = undefined;
        circumstances = { ...circumstances, defaultSettingsOnly: false };
      }
      if (!onlyEndpoints(event.changes)) {
        apply(event);
        return;
      }
      const backends = changedBackends(
        before.plan,
        event.changes,
        before.snapshot,
        event.snapshot,
        circumstances.resolvedNames,
      );
      const set = backends.filter(([key, text]) => told.get(key) !== text);
      latest = { ...before, snapshot: event.snapshot };
      if (set.length === 0) report.live({ kind: 'none' }, unusedReasons(event.changes));
      const delta = { set, remove: [] };
      void push(delta, liveReasons(delta, before.plan.live.routes), event.noticedAt, false);
      // Problems about missing endpoints follow when the endpoints rest.
      settle ??= setTimeout(() => {
        settle = undefined;
        again();
      }, SETTLE_MS);
    },
    resolved: (resolvedNames) => {
      circumstances = { ...circumstances, resolvedNames };
      again();
    },
    refresh: (reason) => {
      report.info(reason);
      again();
    },
    plan: () => latest?.plan,
    busyMs: () => (busySince === undefined ? 0 : performance.now() - busySince),
    quarantined: () => circumstances.quarantine.size,
    close: () => {
      closed = true;
      coalescer.stop();
      clearTimeout(settle);
      clearTimeout(retry);
    },
  };
}
