/**
 * How much of nginx.conf annotations come to. NGINX knows no directive that several locations have in common, so that what
 * an Ingress says of all its paths stands there for each of them: short texts may, long ones on many paths may not.
 */
import type { Problem } from '../../types/problem.ts';
import { BOUNDS, type Bounds } from '../contract/bounds.ts';
import { directiveText } from '../contract/fingerprint.ts';
import type { PathModel } from './ingress-rules.ts';
import { DENIED, type LocationSettings } from '../features/location-settings.ts';
import { writtenChanges } from '../settings/upstream-headers.ts';

/** What every location may have, however many there are. */
const USUAL_BYTES = 1024;
/** A directive has a line of its own. */
const LINE_BYTES = 24;
/** A header of the answer of a service is read by one directive, and sent by another. */
const ANSWERED_BYTES = 120;

const known = new WeakMap<LocationSettings['directives'], number>();

/** Bytes of what does not depend on the path; nearly those that are written. */
function bytesOf({ directives, upstreamHeaders = [], pass, backendTls, externalAuth }: LocationSettings): number {
  const ofDirectives = known.get(directives) ?? directiveText(directives).length + directives.length * LINE_BYTES;
  known.set(directives, ofDirectives);
  const values = [...pass.map(({ args }) => args), ...(backendTls?.directives ?? []).map((each) => each.values)].flat();
  const answered = externalAuth?.responseHeaders ?? [];
  return (
    ofDirectives +
    writtenChanges(upstreamHeaders).length +
    upstreamHeaders.length * LINE_BYTES +
    values.reduce((sum, { conf }) => sum + conf.length, 0) +
    answered.reduce((sum, name) => sum + 2 * name.length + ANSWERED_BYTES, 0)
  );
}

/** Locations that a path needs. */
function locationsOf({ type, text }: PathModel): number {
  return type === 'Exact' || text === '/' ? 1 : 2;
}

/** Matched as before, so that what the path guarded does not fall to a shorter one. */
function closedOf({ settings }: PathModel): LocationSettings {
  return settings.regex ? { ...DENIED, regex: true } : DENIED;
}

type Hosts = ReadonlyMap<string, readonly PathModel[]>;

/** The paths as they are, or all of them closed and the reason why, where they come to more than they may. */
export function boundBytes(
  hosts: Hosts,
  bounds: Bounds,
): { readonly hosts: Hosts; readonly problem?: Omit<Problem, 'object'> } {
  let [bytes, locations] = [0, 0];
  for (const paths of hosts.values()) {
    for (const path of paths) {
      locations += locationsOf(path);
      bytes += locationsOf(path) * Math.max(0, bytesOf(path.settings) - USUAL_BYTES);
    }
  }
  if (bytes <= bounds.ingressConfBytes) return { hosts };
  const closed = [...hosts].map(
    ([host, paths]) => [host, paths.map((path) => ({ ...path, settings: closedOf(path) }))] as const,
  );
  return {
    hosts: new Map(closed),
    problem: {
      code: 'bound-exceeded',
      severity: 'error',
      effect: 'denied-location',
      field: ['metadata', 'annotations'],
      message:
        `the annotations come to ${bytes} bytes of nginx.conf on ${locations} locations, beyond ${USUAL_BYTES} for each; ` +
        `that is more than the ${bounds.ingressConfBytes} of --${BOUNDS.ingressConfBytes.flag}; the paths answer 503`,
      example: 'fewer headers or directives in the annotations, or the paths in several Ingresses',
    },
  };
}
