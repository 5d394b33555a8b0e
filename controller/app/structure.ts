/**
 * Applies changes that need a reload: coalesces them, applies one configuration at a time, and finds the Ingress or
 * setting at fault if nginx refuses one.
 */
import type { Artifact } from '../types/artifact.ts';
import { sameButComments } from '../types/conf-comment.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { StaticPlan } from '../types/plan.ts';
import { leavesOutAll } from './build-loop.ts';
import type { Build, Built, Overrides } from './build.ts';
import { createCoalescer } from './coalesce.ts';
import type { Live } from './live.ts';
import type { GoodIngresses } from './quarantine.ts';
import { type Decided, type Decision, helpless } from './refusals.ts';
import { reloadReasons } from './reasons.ts';
import type { Reporter } from './reporter.ts';
import { createRevival } from './revival.ts';
import type { LeaveUnbound } from './unbound.ts';

export interface StructureOptions {
  readonly nginx: Nginx;
  readonly build: Build;
  readonly live: Live;
  readonly report: Reporter;
  readonly quietMs: number;
  readonly spacingMs: number;
  /** Called before NGINX is started. If it resolves to a message, the start is aborted with that message. */
  readonly beforeStart: () => Promise<string | undefined>;
  /** The last build. */
  readonly latest: () => Built | undefined;
  /** Builds the current state of the cluster. */
  readonly buildNow: () => Promise<Built>;
  /** Whether a build is under way. */
  readonly building: () => boolean;
  readonly overrides: () => Overrides;
  /** Finds out what nginx refuses, and leaves it out of later builds. */
  readonly decide: (decision: Decision) => Promise<Decided>;
  /** Leaves out of later builds what needs a port on which NGINX cannot listen. */
  readonly leaveUnbound: LeaveUnbound;
  /** Called when NGINX runs with this build. */
  readonly inForce: (built: Built) => void;
  /** Requests a new build, which is then applied. */
  readonly rebuild: () => void;
}

export interface Structure {
  /**
   * To be called if NGINX already runs. Applies this build unless its nginx.conf equals the one in use, apart from
   * comments that name objects.
   */
  readonly adopt: (built: Built) => Promise<void>;
  /**
   * Starts NGINX. Leaves out what nginx refuses, one round after another, until nginx accepts the rest. Resolves to an
   * error message if that fails.
   */
  readonly coldStart: (built: Built) => Promise<string | undefined>;
  /**
   * Determines whether this build needs a reload and, if so, requests it and returns true. `since`: the time of the
   * change. `isPatient` is called only if a reload is needed: whether the change is not urgent.
   */
  readonly consider: (built: Built, since: number, isPatient: () => boolean) => boolean;
  /** How long the change in progress has taken so far, in ms; 0 if there is none. */
  readonly busyMs: () => number;
  /** Looks up Ingresses as NGINX currently serves them. */
  readonly good: () => GoodIngresses;
  readonly close: () => void;
}

/** What NGINX currently runs with. */
interface InForce {
  /** Digest of its nginx.conf; undefined if another process rendered it. */
  readonly confDigest: string | undefined;
  readonly plan: StaticPlan | undefined;
  readonly ingresses: GoodIngresses;
}

const RETRY_MS = 4000;
/** Minimum time between two updates of the comments in nginx.conf. */
const COMMENTS_MS = 1000;
/** Maximum time that a patient (not urgent) change waits for an urgent one. */
const PATIENCE_MS = 5000;
/**
 * Minimum time budget of the search for refused Ingresses during a start; other changes wait meanwhile. The rest of the
 * search runs in the background while the other Ingresses are served.
 */
const LEAST_START_BUDGET_MS = 500;
/** On a slow machine, the budget is this share of the time since the process started. */
const START_SHARE = 0.25;
const RUN_BUDGET_MS = 250;
const UNTESTED_ROUNDS = 5;
const UNTESTED_MS = 1000;

const SAME = 'NGINX already runs with this configuration';
const NOBODY: GoodIngresses = new Map();

/** Whether NGINX was reloaded. */
type Applied = 'reload' | 'nothing';

function startBudgetMs(): number {
  return Math.max(LEAST_START_BUDGET_MS, performance.now() * START_SHARE);
}

export function createStructure(options: StructureOptions): Structure {
  const { nginx, report, live, latest } = options;
  let inForce: InForce = { confDigest: undefined, plan: undefined, ingresses: new Map() };
  /** Time of the oldest change that is not in force and that no reload in progress contains; 0 if there is none. */
  let changedAt = 0;
  let busySince: number | undefined;
  let reloading = false;
  /** True if no urgent change was requested since the last run began. */
  let onlyPatient = true;
  let retry: NodeJS.Timeout | undefined;
  let comments: NodeJS.Timeout | undefined;
  let closed = false;
  /** Whether the last report was about a configuration that did not take effect. */
  let lastFailed = false;

  function tell(outcome: Outcome, reasons: readonly string[], elapsed?: number): void {
    lastFailed = outcome.kind === 'refused' || outcome.kind === 'failed';
    report.structure(outcome, reasons, elapsed);
  }

  async function applyAlone(): Promise<Applied> {
    busySince = performance.now();
    const applied = await applyLatest();
    busySince = undefined;
    return applied;
  }
  const { quietMs, spacingMs } = options;
  const coalescer = createCoalescer({ quietMs, spacingMs, patienceMs: PATIENCE_MS }, applyAlone, options.building);

  const revival = createRevival({
    hasBuild: () => !closed && latest() !== undefined,
    // If the current state cannot be built, the last build is used.
    build: () => options.buildNow().catch(() => latest()),
    start: async (built) => {
      const outcome = await start(built);
      if (!closed) tell(outcome, []);
      if (outcome.kind === 'failed') await options.leaveUnbound(built, outcome);
      return outcome.kind === 'started';
    },
    revived: options.rebuild,
  });

  nginx.onExit((detail) => {
    report.error(`${detail}; restoring the current configuration`);
    inForce = { ...inForce, confDigest: undefined };
    revival.begin();
  });

  /** The artifact of a build with the current live data, whose endpoints may be newer than the build. */
  function artifactOf(built: Built): Artifact {
    return { ...built.artifact, live: live.target().live };
  }

  async function start(built: Built): Promise<Outcome> {
    const outcome = await nginx.start(artifactOf(built));
    if (outcome.kind === 'started' || outcome.kind === 'adopted') force(built);
    return outcome;
  }

  function force(built: Built): void {
    const { confDigest } = built.artifact;
    inForce = { confDigest, plan: built.plan.static, ingresses: served(built) };
    options.inForce(built);
  }

  /** Whether NGINX runs with this nginx.conf, ignoring comments that name objects. */
  function isInForce({ artifact: { confDigest } }: Built): boolean {
    return inForce.confDigest === confDigest;
  }

  /** Schedules an update of the comments that name objects; it does not need a reload. */
  function requestComments(): void {
    comments ??= setTimeout(() => {
      comments = undefined;
      const target = latest();
      if (target !== undefined && isInForce(target)) void nginx.replaceComments(target.artifact);
    }, COMMENTS_MS);
  }

  /** Looks up Ingresses as NGINX serves them with this build. */
  function served({ snapshot }: Built): GoodIngresses {
    const { quarantine } = options.overrides();
    return {
      get: (key) => {
        const [ingress, left] = [snapshot.Ingress.get(key), quarantine.get(key)];
        return left !== undefined && left.refused === ingress ? left.lastGood : ingress;
      },
    };
  }

  async function applyLatest(): Promise<Applied> {
    await revival.underWay();
    const target = latest();
    if (closed || target === undefined) return 'nothing';
    if (isInForce(target)) {
      changedAt = 0;
      return 'nothing';
    }
    // nginx has refused something that this build includes. The next build, which leaves it out, is already running.
    if (!leavesOutAll(target.overrides, options.overrides())) return 'nothing';
    const since = changedAt;
    changedAt = 0;
    onlyPatient = true;
    reloading = true;
    const outcome = await nginx.reload(artifactOf(target));
    reloading = false;
    if (outcome.kind !== 'refused' && outcome.kind !== 'failed') {
      confirm(target, outcome, since);
      return 'reload';
    }
    tell(outcome, []);
    // The next attempt reports the time since the same change, unless the change has been taken back meanwhile. A newer
    // change does not wait for one that nginx refuses, which is left out.
    if (isInForce(latest() ?? target)) changedAt = 0;
    else if (changedAt === 0 || outcome.kind === 'failed') changedAt = since;
    if (await leftOut(target, outcome)) {
      options.rebuild();
      return 'nothing';
    }
    retry = setTimeout(coalescer.request, RETRY_MS);
    return 'nothing';
  }

  /** Whether later builds leave out what NGINX refused, or what it could not listen on. */
  async function leftOut(target: Built, outcome: Outcome): Promise<boolean> {
    if (outcome.kind === 'failed') return options.leaveUnbound(target, outcome);
    if (outcome.kind !== 'refused') return false;
    // What NGINX serves was rendered by another process and is not fully known here.
    const starting = inForce.plan === undefined;
    const budgetMs = starting ? startBudgetMs() : RUN_BUDGET_MS;
    const decided = await options.decide({ target, refused: outcome, good: inForce.ingresses, budgetMs, starting });
    if (decided === 'nothing') report.error(helpless(outcome.check.message));
    return decided === 'left-out';
  }

  function confirm(target: Built, outcome: Outcome, since: number): void {
    const elapsed = since === 0 ? undefined : performance.now() - since;
    tell(outcome, reloadReasons(inForce.plan, target.plan.static), elapsed);
    force(target);
    if (isInForce(latest() ?? target)) changedAt = 0;
    else coalescer.request(onlyPatient);
  }

  return {
    adopt: async (built) => {
      if (!sameButComments(nginx.currentConf() ?? '', built.artifact.conf)) {
        await applyLatest();
        return;
      }
      force(built);
      requestComments();
      tell({ kind: 'none' }, [SAME]);
    },
    coldStart: async (first) => {
      const obstacle = await options.beforeStart();
      if (obstacle !== undefined) return obstacle;
      let target = first;
      let untested = 0;
      // Each round leaves out more than the previous one, until nothing is left.
      for (;;) {
        const outcome = await start(target);
        tell(outcome, []);
        if (outcome.kind === 'failed' && (await options.leaveUnbound(target, outcome))) {
          target = await options.buildNow();
          continue;
        }
        if (outcome.kind === 'failed') return outcome.message;
        if (outcome.kind !== 'refused') return undefined;
        const decision = { target, refused: outcome, good: NOBODY, budgetMs: startBudgetMs(), starting: true };
        const decided = await options.decide(decision);
        if (decided === 'nothing') return helpless(outcome.check.message);
        if (decided === 'untested') {
          untested += 1;
          if (untested === UNTESTED_ROUNDS) return `the configuration could not be tested: ${outcome.check.message}`;
          await new Promise((resolve) => setTimeout(resolve, UNTESTED_MS));
        }
        target = await options.buildNow();
      }
    },
    consider: (built, since, isPatient) => {
      if (isInForce(built)) {
        // Even if nginx.conf is byte for byte the same, the set of served Ingresses may differ, for example because an
        // Ingress was deleted and created again unchanged.
        force(built);
        requestComments();
        // What had been waiting was taken back or left out. What is being applied needs another reload to be taken
        // back.
        changedAt = reloading ? since : 0;
        if (reloading && !isPatient()) onlyPatient = false;
        if (lastFailed) tell({ kind: 'none' }, [SAME]);
        return false;
      }
      if (changedAt === 0) changedAt = since;
      const patient = isPatient();
      if (!patient) onlyPatient = false;
      // Not during a reload: the reload needs the CPU.
      if (busySince === undefined && !patient) nginx.anticipate(built.artifact);
      coalescer.request(patient);
      return true;
    },
    busyMs: () => (busySince === undefined ? 0 : performance.now() - busySince),
    good: () => inForce.ingresses,
    close: () => {
      closed = true;
      coalescer.stop();
      clearTimeout(retry);
      clearTimeout(comments);
    },
  };
}
