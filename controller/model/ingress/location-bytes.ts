/**
 * Limits the bytes of nginx.conf that the annotations of one Ingress produce. In NGINX, several locations cannot share
 * a directive, so the directives that an annotation produces are repeated in every location of the Ingress. This is
 * acceptable for short strings, but not for long strings on many paths.
 */
import type { Problem } from '../../types/problem.ts';
import { BOUNDS, type Bounds } from '../contract/bounds.ts';
import { directiveText } from '../contract/fingerprint.ts';
import type { PathModel } from './ingress-rules.ts';
import { closedSettings, type LocationSettings } from '../features/location-settings.ts';
import { writtenChanges } from '../settings/upstream-headers.ts';

/** Bytes of each location that do not count towards the bound, however many locations there are. */
const USUAL_BYTES = 1024;
/** Indentation, line feed and other bytes that each directive needs besides its text. */
const LINE_BYTES = 24;
/**
 * Bytes of the two directives for a header that is copied from the response of an authentication service: one reads the
 * header, the other adds it to the request.
 */
const ANSWERED_BYTES = 120;

const known = new WeakMap<LocationSettings['directives'], number>();

/** Bytes of a location that annotations produce; the estimate is nearly exact. */
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

/** Number of locations that a path needs. */
function locationsOf({ type, text }: PathModel): number {
  return type === 'Exact' || text === '/' ? 1 : 2;
}

const CLOSED = closedSettings('max-ingress-conf-bytes');

/**
 * Settings that make a path answer 503. The path still matches the same requests, so that they do not fall through to
 * an unguarded shorter path.
 */
function closedOf({ settings }: PathModel): LocationSettings {
  return settings.regex ? { ...CLOSED, regex: true } : CLOSED;
}

type Hosts = ReadonlyMap<string, readonly PathModel[]>;

/** The paths unchanged; if they exceed the bound, all of them answer 503 and a Problem is returned. */
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
        `the annotations produce ${bytes} bytes of nginx.conf on ${locations} locations, not counting the first ` +
        `${USUAL_BYTES} of each; that is more than the ${bounds.ingressConfBytes} of ` +
        `--${BOUNDS.ingressConfBytes.flag}; the paths answer 503`,
      example: 'fewer headers or directives in the annotations, or the paths distributed over several Ingresses',
    },
  };
}
