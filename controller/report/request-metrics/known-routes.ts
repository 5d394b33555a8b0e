/**
 * The labels that belong to the id of a route. Workers send ids, so that they cannot invent Ingresses, hosts or paths.
 * An id that the Plan no longer has stays known for a while: draining workers still use it.
 */
import type { HostPlan, Plan } from '../../types/plan.ts';
import { diff } from '../../types/table/diff.ts';

export interface RouteLabels {
  /** `namespace/name` of the Ingress; empty if no Ingress has the path. */
  readonly ingress: string;
  /** As in the Ingress; `_` for the catch-all host. */
  readonly host: string;
  /** As in the Ingress. */
  readonly path: string;
  /** The name of the Service of the path; empty without an Ingress, and if the path has no Service. */
  readonly service: string;
}

export interface KnownRoutes {
  /** Learns the routes of a new Plan; takes time only for hosts that have changed. */
  readonly follow: (plan: Plan) => void;
  readonly get: (id: string) => RouteLabels | undefined;
}

export const CATCH_ALL = '_';

/** The labels of a request without a route, or of one that gets no series of its own. */
export const NO_ROUTE: RouteLabels = { ingress: '', host: CATCH_ALL, path: '', service: '' };

export function createKnownRoutes(mostFormer = 20_000): KnownRoutes {
  let followed: ReadonlyMap<string, HostPlan> = new Map();
  const current = new Map<string, RouteLabels>();
  /** Routes that the Plan no longer has, the oldest first. */
  const former = new Map<string, RouteLabels>();

  function learn({ host, routes }: HostPlan): void {
    for (const [id, { ingress, path, backend }] of routes) {
      const service = ingress === '' ? '' : (backend?.split('/')[1] ?? '');
      current.set(id, { ingress, path, service, host: host === '' ? CATCH_ALL : host });
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
      for (const [, before, after] of diff(followed, table)) {
        if (before !== undefined) retire(before);
        if (after !== undefined) learn(after);
      }
      followed = table;
      forgetOldest();
    },
    get: (id) => current.get(id) ?? former.get(id),
  };
}
