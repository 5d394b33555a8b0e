/**
 * How many bytes of nginx.conf annotations produce. In NGINX several locations cannot share a directive, so what an
 * Ingress says about all its paths is repeated for each of them: this is fine for short texts, not for long texts on
 * many paths.
 */
import type { Problem } from '../../types/problem.ts';
import { BOUNDS, type Bounds } from '../contract/bounds.ts';
import { directiveText } from '../contract/fingerprint.ts';
import type { PathModel } from './ingress-rules.ts';
import { DENIED, type LocationSettings } from '../features/location-settings.ts';
import { writtenChanges } from '../settings/upstream-headers.ts';

/** Allowed for every location, however many there are. */
const USUAL_BYTES = 1024;
/** Each directive is on its own line. */
const LINE_BYTES = 24;
/** One directive reads a header of the auth response, another sends it. */
const ANSWERED_BYTES = 120;

const known = new WeakMap<LocationSettings['directives'], number>();

/** Bytes that do not depend on the path, nearly exact. */
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

/** Matched as before, so that no shorter path serves what the path guarded. */
function closedOf({ settings }: PathModel): LocationSettings {
  return settings.regex ? { ...DENIED, regex: true } : DENIED;
}

type Hosts = ReadonlyMap<string, readonly PathModel[]>;

/** The paths unchanged, or, if they exceed the bound, all of them closed, with a Problem. */
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
        `the annotations produce ${bytes} bytes of nginx.conf on ${locations} locations, beyond ${USUAL_BYTES} for ` +
        `each; that is more than the ${bounds.ingressConfBytes} of --${BOUNDS.ingressConfBytes.flag}; the paths ` +
        'answer 503',
      example: 'fewer headers or directives in the annotations, or the paths in several Ingresses',
    },
  };
}
