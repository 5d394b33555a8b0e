/**
 * The labels that belong to the id of a route. Workers send ids, so that they cannot invent Ingresses, hosts or paths.
 * An id that the Plan no longer has stays known for a while: draining workers still use it.
 */
import type { HostPlan, Plan } from '../../types/plan.ts';

export interface RouteLabels {
  /** `namespace/name` of the Ingress; empty if no Ingress has the path. */
  readonly ingress: string;
  /** As in the Ingress; `_` for the catch-all host. */
  readonly host: string;
  /** As in the Ingress. */
  readonly path: string;
}

export interface KnownRoutes {
  /** Learns the routes of a new Plan; takes time only for hosts that have changed. */
  readonly follow: (plan: Plan) => void;
  readonly get: (id: string) => RouteLabels | undefined;
}

export const CATCH_ALL = '_';

export function createKnownRoutes(mostFormer = 20_000): KnownRoutes {
  let hosts: ReadonlySet<HostPlan> = new Set();
  let followed: Plan['static']['hosts'] | undefined;
  const current = new Map<string, RouteLabels>();
  /** The oldest first. */
  const former = new Map<string, RouteLabels>();

  function learn({ host, routes }: HostPlan): void {
    for (const [id, { ingress, path }] of routes) {
      current.set(id, { ingress, path, host: host === '' ? CATCH_ALL : host });
      former.delete(id);
    }
  }

  function retire(gone: HostPlan): void {
    for (const id of gone.routes.keys()) {
      const labels = current.get(id);
      if (labels === undefined) continue;
      current.delete(id);
      former.set(id, labels);
    }
  }

  function forgetOldest(): void {
    for (const id of former.keys()) {
      if (former.size <= mostFormer) return;
      former.delete(id);
    }
  }

  return {
    follow: ({ static: { hosts: table } }) => {
      if (table === followed) return;
      followed = table;
      const now = new Set(table.values());
      for (const host of hosts) if (!now.has(host)) retire(host);
      for (const host of now) if (!hosts.has(host)) learn(host);
      hosts = now;
      forgetOldest();
    },
    get: (id) => current.get(id) ?? former.get(id),
  };
}
