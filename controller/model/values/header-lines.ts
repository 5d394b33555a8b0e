/** Parsers for headers in annotations: one header per line, `Name: value`. */
import { notHeaderText } from '../../types/conf-value.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { ObjectRef } from '../../types/problem.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { isResponseHeader, LONGEST_TABLED_HEADER, MOST_HEADERS } from './header-names.ts';
import { listOf } from './list.ts';

export type HeaderLine = readonly [name: string, value: string];
/**
 * Returns why a header may not be changed, as the end of a clause that begins with its name; undefined if it may be.
 */
type Refusal = (name: string) => string | undefined;

/** Variables for the names of the Ingress and the Service port, which are replaced when a path is read. */
const OF_OBJECTS = /\$\{?(service_name|service_port|namespace|ingress_name)(?:\}|\b)/g;

/** Sample names of objects: a value that is valid with all three of them is valid with any name. */
const NAMES = ['x', 'a-b.c', 'x'.repeat(253)];
const OBJECT_NAME = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/**
 * Headers about the client and the original form of a request. Applications trust these headers, so annotations must
 * not set them. CDN-Loop is needed to detect loops.
 */
const OURS =
  /^(cdn-loop|forwarded|x-forwarded-(?!prefix$).*|x-real-ip|x-original-.*|x-scheme|x-request-id|ssl-client-.*)$/;

/** Names are compared with `-` instead of `_`, because many applications do not distinguish the two. */
function refusedRequestHeader(name: string): string | undefined {
  const usual = name.toLowerCase().replaceAll('_', '-');
  if (!isResponseHeader(usual) || /^(host|proxy|proxy-.*)$/.test(usual)) return 'is not a header that may be set';
  if (usual.length > LONGEST_TABLED_HEADER) return `has a name of more than ${LONGEST_TABLED_HEADER} characters`;
  return OURS.test(usual) ? 'is set by the controller alone' : undefined;
}

function refusedResponseHeader(name: string): string | undefined {
  return isResponseHeader(name) ? undefined : 'is not a header that may be set';
}

function nameOf(line: string): string {
  return line.replace(/:.*$/s, '').trim();
}

function headerLines(refusalOf: Refusal, variables: string): Parser<readonly HeaderLine[]> {
  return listOf({
    accepts: `lines of the form Name: value, which may contain variables such as ${variables}`,
    separator: /\n/,
    most: [MOST_HEADERS, 'headers'],
    shown: (line) => nameOf(line),
    item: (line) => {
      const name = nameOf(line);
      const colon = line.indexOf(':');
      const value = colon < 0 ? '' : line.slice(colon + 1).trim();
      const refused = refusalOf(name);
      if (refused !== undefined) return reject(refused);
      if (value === '') return reject('has no value');
      const text = NAMES.map((each) => notHeaderText(value.replaceAll(OF_OBJECTS, each))).find(Boolean);
      return text === undefined ? accept([name, value] as const) : reject(`has a value that ${text}`);
    },
    value: (lines) => lines,
  });
}

function headerNames(refusalOf: Refusal): Parser<readonly string[]> {
  return listOf({
    accepts: 'comma-separated names of headers',
    most: [MOST_HEADERS, 'headers'],
    item: (name) => {
      const refused = refusalOf(name);
      return refused === undefined ? accept(name) : reject(refused);
    },
    value: (names) => names,
  });
}

export const requestHeaderLines = headerLines(refusedRequestHeader, '$service_name and $remote_addr');
export const removableRequestHeaders = headerNames(refusedRequestHeader);
export const responseHeaderLines = headerLines(refusedResponseHeader, '$req_id and $request_method');
export const removedHeaderNames = headerNames(refusedResponseHeader);

/** Replaces the variables for names of objects in the value of a header; NGINX expands all other variables. */
export function aboutObjects(
  value: string,
  context: { readonly ingress: ObjectRef; readonly backend: BackendRef },
): string {
  // A property of the context is read only if its variable occurs, so that paths can share results.
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
