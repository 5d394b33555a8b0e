/** Headers as people write them: a line each, `Name: value`. */
import { notHeaderText } from '../../types/conf-value.ts';
import { shorten } from '../../types/problem.ts';
import type { LocationContext } from '../annotation.ts';
import { accept, type Parser, reject } from '../parser.ts';
import { isResponseHeader, LONGEST_TABLED_HEADER, moreThanMost } from './header-names.ts';

export type HeaderLine = readonly [name: string, value: string];
/** Why a header may not be changed, as a clause that begins with its name; undefined where it may. */
type Refusal = (name: string) => string | undefined;

/** What NGINX says of the Ingress and of the Service port, in the place of what these names stand for. */
const OF_OBJECTS = /\$\{?(service_name|service_port|namespace|ingress_name)(?:\}|\b)/g;

/** Stand for any name of an object: what is a value with all three is one with any, whatever it is written next to. */
const NAMES = ['x', 'a-b.c', 'x'.repeat(253)];
const OBJECT_NAME = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/**
 * Whom a request comes from, and what it was before: applications believe these, whoever may write an Ingress. CDN-Loop
 * ends requests that come back.
 */
const OURS =
  /^(cdn-loop|forwarded|x-forwarded-(?!prefix$).*|x-real-ip|x-original-.*|x-scheme|x-request-id|ssl-client-.*)$/;

/** Applications read `_` as `-`. */
function refusedRequestHeader(name: string): string | undefined {
  const usual = name.toLowerCase().replaceAll('_', '-');
  if (!isResponseHeader(usual) || /^(host|proxy|proxy-.*)$/.test(usual)) return `${shorten(name)} is no header to set`;
  if (usual.length > LONGEST_TABLED_HEADER)
    return `the name ${shorten(name)} is longer than ${LONGEST_TABLED_HEADER} characters`;
  return OURS.test(usual) ? `${name} is set by the controller alone` : undefined;
}

function refusedResponseHeader(name: string): string | undefined {
  return isResponseHeader(name) ? undefined : `${shorten(name)} is no header to set`;
}

/** Good ones, where there are some and not too many; the reasons of the others. */
function sift<T>(items: readonly T[], refusalOf: (item: T) => string | undefined, none: string) {
  const tooMany = moreThanMost(items);
  if (tooMany !== undefined) return reject(tooMany);
  const reasons = items.flatMap((item) => refusalOf(item) ?? []);
  const good = items.filter((item) => refusalOf(item) === undefined);
  if (good.length === 0)
    return reject(reasons.length === 0 ? none : `holds no header that holds: ${reasons.join('; ')}`);
  return accept(good, reasons.length === 0 ? undefined : `holds what is left out: ${reasons.join('; ')}`);
}

function headerLines(refusalOf: Refusal, variables: string): Parser<readonly HeaderLine[]> {
  return {
    accepts: `lines of the form Name: value, in which variables such as ${variables} may stand`,
    parse: (raw) => {
      const lines = raw.split('\n').flatMap((line): HeaderLine[] => {
        const colon = line.indexOf(':');
        const [name, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
        return line.trim() === '' ? [] : [[name.trim(), value.trim()]];
      });
      const reason = ([name, value]: HeaderLine) => {
        const refused = refusalOf(name) ?? (value === '' ? `${name} has no value` : undefined);
        const text = NAMES.map((each) => notHeaderText(value.replaceAll(OF_OBJECTS, each))).find(Boolean);
        return refused ?? (text === undefined ? undefined : `the value of ${name} ${text}`);
      };
      return sift(lines, reason, 'holds no line');
    },
  };
}

function headerNames(refusalOf: Refusal): Parser<readonly string[]> {
  return {
    accepts: 'names of headers, separated by commas',
    parse: (raw) => {
      const names = raw.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
      return sift(names, refusalOf, 'holds no name');
    },
  };
}

export const requestHeaderLines = headerLines(refusedRequestHeader, '$service_name and $remote_addr');
export const requestHeaderNames = headerNames(refusedRequestHeader);
export const responseHeaderLines = headerLines(refusedResponseHeader, '$req_id and $request_method');
export const removedHeaderNames = headerNames(refusedResponseHeader);

/** The value with the Service port and the Ingress that it is for; what is left in it are variables of NGINX. */
export function aboutObjects(value: string, context: Pick<LocationContext, 'ingress' | 'backend'>): string {
  // Nothing is asked of the context that the value does not name: what is the same for all paths stays so.
  const objects: Readonly<Record<string, () => string>> = {
    service_name: () => context.backend.service,
    service_port: () => String(context.backend.port),
    namespace: () => context.ingress.namespace,
    ingress_name: () => context.ingress.name,
  };
  return value.replaceAll(OF_OBJECTS, (_, name: string) => {
    const text = objects[name]?.() ?? '';
    return OBJECT_NAME.test(text) ? text : '';
  });
}
