/** Creates the report from a build of the objects that were read. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { Plan } from '../types/plan.ts';
import { formatObject, type Locator, type ObjectRef, type Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { BuildOptions } from '../model/contract/options.ts';
import { ingressRef, keyOf } from '../model/contract/object-ref.ts';
import { forEveryone } from './differences/lookup.ts';
import { judgeHosts } from './hosts.ts';
import { closedPaths, type Evidence, judgeIngress, problemsByObject } from './judge-ingress.ts';
import { reported } from './judge-key.ts';
import { judgeConfigMap, judgeFlags, type WrittenFlag } from './judge-settings.ts';
import type { MigrationReport, OldController } from './report.ts';
import { summarize } from './summary.ts';
import { createWorld } from './world.ts';

export interface MigrationInput {
  readonly source: string;
  readonly snapshot: Snapshot;
  readonly options: BuildOptions;
  readonly plan: Plan;
  /** Problems of the manifests and of the build. */
  readonly problems: readonly Problem[];
  /** Malformed Ingresses, which are not part of the Snapshot; they have only names and annotations. */
  readonly malformed: readonly V1Ingress[];
  readonly locate: Locator;
  readonly controller: OldController | null;
  /** The flags of the old controller. */
  readonly flags: readonly WrittenFlag[];
  readonly notes: readonly string[];
}

/** Problems that say nothing about the migration: kinds that are not read, other classes, Pods that are not ready. */
const BESIDE: ReadonlySet<string> = new Set([
  'kind-not-read',
  'endpoints-not-read',
  'foreign-ingress-class',
  'missing-ingress-class',
  'no-endpoints',
]);

export function createReport(input: MigrationInput): MigrationReport {
  const { snapshot, options, plan, locate, malformed } = input;
  const problems = input.problems.filter(({ code }) => !BESIDE.has(code));
  const world = createWorld(snapshot, options);
  const evidence: Evidence = {
    world,
    locate,
    problemsOf: problemsByObject(problems),
    closedOf: closedPaths(plan),
  };
  // The Problems of a malformed copy belong to the Ingress, of which another copy may be served.
  const unserved = malformed.filter((each) => !world.served.has(keyOf(ingressRef(each))));
  const ingresses = [...world.served.values(), ...unserved]
    .map((ingress) => judgeIngress(ingress, evidence))
    .sort((a, b) => (formatObject(a.object) < formatObject(b.object) ? -1 : 1));
  const [namespace = '', name = ''] = options.configMap.split('/');
  const configMap: ObjectRef = { kind: 'ConfigMap', namespace, name };
  const judged = new Set([...ingresses.map(({ object }) => formatObject(object)), formatObject(configMap)]);
  const others = problems.filter(({ object }) => object === undefined || !judged.has(formatObject(object)));
  return {
    source: input.source,
    controller: input.controller,
    summary: summarize(ingresses, snapshot.Ingress.size - world.served.size),
    everyone: forEveryone(),
    hosts: judgeHosts(problems, world),
    ingresses,
    configMap: judgeConfigMap(configMap, evidence),
    flags: judgeFlags(input.flags, world),
    notes: input.notes,
    problems: others.map((each) => ({
      ...reported(each, locate),
      ...(each.object !== undefined && { object: each.object }),
    })),
  };
}
