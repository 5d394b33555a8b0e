/**
 * What needs a reload: coalesced, applied one at a time, and traced to one Ingress where nginx refuses it. Nothing that
 * works is given up.
 */
import type { Artifact } from '../types/artifact.ts';
import { sameButComments } from '../types/conf-comment.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { StaticPlan } from '../types/plan.ts';
import { leavesOutAll } from './assembler.ts';
import type { Assemble, Assembly, Circumstances } from './assembly.ts';
import { createCoalescer } from './coalesce.ts';
import type { Live } from './live.ts';
import type { GoodIngresses } from './quarantine.ts';
import type { Decided, Decision } from './refusals.ts';
import { reloadReasons } from './reasons.ts';
import type { Reporter } from './reporter.ts';

export interface StructureOptions {
  readonly nginx: Nginx;
  readonly assemble: Assemble;
  readonly live: Live;
  readonly report: Reporter;
  readonly quietMs: number;
  readonly spacingMs: number;
  /** Called before NGINX is started; a message stops the start. */
  readonly beforeStart: () => Promise<string | undefined>;
  /** What was built last. */
  readonly latest: () => Assembly | undefined;
  /** Builds anew, from what the cluster is now. */
  readonly build: () => Promise<Assembly>;
  /** Whether that is being done. */
  readonly building: () => boolean;
  readonly circumstances: () => Circumstances;
  /** Finds out what nginx refuses, and leaves it out of what is built from then on. */
  readonly decide: (decision: Decision) => Promise<Decided>;
  /** NGINX runs with it. */
  readonly inForce: (assembly: Assembly) => void;
  /** What was built last is to be applied once more. */
  readonly rebuild: () => void;
}

export interface Structure {
  /** NGINX runs on its own conf; brings it to the Assembly. */
  readonly adopt: (assembly: Assembly) => Promise<void>;
  /** Starts NGINX: candidates are tried until it takes one. Resolves to a message where that is not possible. */
  readonly coldStart: (assembly: Assembly) => Promise<string | undefined>;
  /** Whether an Assembly needs a reload, which then follows by itself. `since`: of the change, which may be patient. */
  readonly consider: (assembly: Assembly, since: number, patient: boolean) => boolean;
  /** Milliseconds that the change under way has taken; 0 where there is none. */
  readonly busyMs: () => number;
  /** Ingresses in the version that NGINX serves. */
  readonly good: () => GoodIngresses;
  readonly close: () => void;
}

/** What NGINX runs on now. */
interface InForce {
  /** Of its nginx.conf; undefined where that is not one of this process. */
  readonly confDigest: string | undefined;
  readonly plan: StaticPlan | undefined;
  readonly ingresses: GoodIngresses;
}

const RETRY_MS = 4000;
/** nginx.conf is written anew for its comments at most so often. */
const COMMENTS_MS = 1000;
/** So long what nobody waits for waits for a reload that somebody needs. */
const PATIENCE_MS = 5000;
const FIRST_REVIVAL_MS = 200;
const MOST_REVIVAL_MS = 30_000;
/** So long others wait for the names of whoever is refused; the rest is found out while they are served. */
const LEAST_START_BUDGET_MS = 750;
/** A start that took long so far can take a little longer. */
const START_SHARE = 0.25;
const RUN_BUDGET_MS = 250;
const UNTESTED_ROUNDS = 5;
const UNTESTED_MS = 1000;

const SAME = 'NGINX runs with this very configuration';
const NOBODY: GoodIngresses = new Map();

/** Whether NGINX was reloaded. */
type Applied = 'reload' | 'nothing';

function helpless(message: string): string {
  return `nginx refuses the configuration whatever is left out: ${message}`;
}

function startBudgetMs(): number {
  return Math.max(LEAST_START_BUDGET_MS, performance.now() * START_SHARE);
}

export function createStructure(options: StructureOptions): Structure {
  const { nginx, report, live, latest } = options;
  let inForce: InForce = { confDigest: undefined, plan: undefined, ingresses: new Map() };
  let changedAt = 0;
  let busySince: number | undefined;
  /** All that came since the last one was begun is patient. */
  let onlyPatient = true;
  let retry: NodeJS.Timeout | undefined;
  let comments: NodeJS.Timeout | undefined;
  let closed = false;
  /** What was told last is a configuration that did not come into force. */
  let troubled = false;

  function tell(outcome: Outcome, reasons: readonly string[], elapsed?: number): void {
    troubled = outcome.kind === 'refused' || outcome.kind === 'failed';
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

  nginx.onExit((detail) => {
    report.error(`${detail}; it is started again`);
    inForce = { ...inForce, confDigest: undefined };
    void revive(FIRST_REVIVAL_MS);
  });

  /** Starts NGINX again after it ended by itself; tries until it runs. */
  async function revive(waitMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (closed || latest() === undefined) return;
    // What cannot be built now leaves what was built last.
    const assembly = await options.build().catch(() => latest());
    if (closed || assembly === undefined) return;
    const outcome = await start(assembly);
    if (closed) return;
    tell(outcome, []);
    if (outcome.kind !== 'started') return revive(Math.min(waitMs * 2, MOST_REVIVAL_MS));
    options.rebuild();
  }

  /** With live data as it is now: endpoints may be ahead of the Assembly. */
  function artifactOf(assembly: Assembly): Artifact {
    return { ...assembly.artifact, live: live.target().live };
  }

  async function start(assembly: Assembly): Promise<Outcome> {
    const outcome = await nginx.start(artifactOf(assembly));
    if (outcome.kind === 'started' || outcome.kind === 'adopted') force(assembly);
    return outcome;
  }

  function force(assembly: Assembly): void {
    const { confDigest } = assembly.artifact;
    inForce = { confDigest, plan: assembly.plan.static, ingresses: served(assembly) };
    options.inForce(assembly);
  }

  /** Whether NGINX runs on these bytes, comments that name objects aside. */
  function isInForce({ artifact: { confDigest } }: Assembly): boolean {
    return inForce.confDigest === confDigest;
  }

  /** Comments that name objects follow a moment later, and need no reload. */
  function requestComments(): void {
    comments ??= setTimeout(() => {
      comments = undefined;
      const target = latest();
      if (target !== undefined && isInForce(target)) void nginx.replaceComments(target.artifact);
    }, COMMENTS_MS);
  }

  /** Ingresses in the version that NGINX serves. */
  function served({ snapshot }: Assembly): GoodIngresses {
    const { quarantine } = options.circumstances();
    return {
      get: (key) => {
        const [ingress, left] = [snapshot.Ingress.get(key), quarantine.get(key)];
        return left !== undefined && left.refused === ingress ? left.lastGood : ingress;
      },
    };
  }

  async function applyLatest(): Promise<Applied> {
    const target = latest();
    if (closed || target === undefined || isInForce(target)) return 'nothing';
    // It holds what nginx has refused meanwhile; the one without that is being built.
    if (!leavesOutAll(target.circumstances, options.circumstances())) return 'nothing';
    const since = changedAt;
    changedAt = 0;
    onlyPatient = true;
    const outcome = await nginx.reload(artifactOf(target));
    if (outcome.kind !== 'refused' && outcome.kind !== 'failed') {
      confirm(target, outcome, since);
      return 'reload';
    }
    tell(outcome, []);
    if (outcome.kind === 'refused') {
      // Whoever waited goes on waiting.
      if (changedAt === 0) changedAt = since;
      // What another process rendered serves more than is known here.
      const starting = inForce.plan === undefined;
      const budgetMs = starting ? startBudgetMs() : RUN_BUDGET_MS;
      const decided = await options.decide({ target, refused: outcome, good: inForce.ingresses, budgetMs, starting });
      if (decided === 'left-out') {
        options.rebuild();
        return 'nothing';
      }
      if (decided === 'nothing') report.error(helpless(outcome.check.message));
    }
    retry = setTimeout(coalescer.request, RETRY_MS);
    return 'nothing';
  }

  function confirm(target: Assembly, outcome: Outcome, since: number): void {
    const elapsed = since === 0 ? undefined : performance.now() - since;
    tell(outcome, reloadReasons(inForce.plan, target.plan.static), elapsed);
    force(target);
    if (!isInForce(latest() ?? target)) coalescer.request(onlyPatient);
  }

  return {
    adopt: async (assembly) => {
      if (!sameButComments(nginx.currentConf() ?? '', assembly.artifact.conf)) {
        await applyLatest();
        return;
      }
      force(assembly);
      requestComments();
      tell({ kind: 'none' }, [SAME]);
    },
    coldStart: async (first) => {
      const obstacle = await options.beforeStart();
      if (obstacle !== undefined) return obstacle;
      let target = first;
      let untested = 0;
      // Each round leaves out more than the one before, and nothing is left in the end.
      for (;;) {
        const outcome = await start(target);
        tell(outcome, []);
        if (outcome.kind === 'failed') return outcome.message;
        if (outcome.kind !== 'refused') return undefined;
        const decision = { target, refused: outcome, good: NOBODY, budgetMs: startBudgetMs(), starting: true };
        const decided = await options.decide(decision);
        if (decided === 'nothing') return helpless(outcome.check.message);
        if (decided === 'untested') {
          untested += 1;
          if (untested === UNTESTED_ROUNDS) return `the configuration is untested: ${outcome.check.message}`;
          await new Promise((resolve) => setTimeout(resolve, UNTESTED_MS));
        }
        target = await options.build();
      }
    },
    consider: (assembly, since, patient) => {
      if (isInForce(assembly)) {
        // Of the same bytes, an Ingress that came back as it was counts as served.
        force(assembly);
        requestComments();
        if (troubled) tell({ kind: 'none' }, [SAME]);
        return false;
      }
      if (changedAt === 0) changedAt = since;
      if (!patient) onlyPatient = false;
      // Not beside a reload, which has the cores.
      if (busySince === undefined && !patient) nginx.anticipate(assembly.artifact);
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
