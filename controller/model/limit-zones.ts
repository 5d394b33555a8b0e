/**
 * Where NGINX counts the requests of clients. A zone belongs to a rate, and not to an Ingress: what keeps Ingresses apart
 * is the beginning of the key. Names say all that a zone is: nginx refuses a zone whose key or size differs from those of
 * the reload before, and keeps the counts of one that is the same.
 */
import { hash } from 'node:crypto';
import { hex, integer, literal, parameter, variable, withVariables, word } from '../types/conf-value.ts';
import { type Declaration, declaration } from '../types/declaration.ts';
import { type Directive, directive } from '../types/directive.ts';
import type { ObjectRef } from '../types/problem.ts';
import { keyOf } from './object-ref.ts';
import { isAddress } from './values/limits.ts';

/** nginx needs 128 bytes for a client of a rate, 64 for one with connections: 131,072 and 262,144 of them. */
const ZONE_SIZE = '16m';
/** Set by each location that has a limit, and read by the zones: without it nothing is counted. */
const KEY = 'tidegate_limit_key';
const INGRESS = 'tidegate_limit_ingress';

export type Counted = { readonly per: 's' | 'm'; readonly rate: number } | 'connections';

/** Thousands of Ingresses have a few zones. */
const zones = new Map<string, Declaration>();

export interface Zone {
  readonly name: string;
  readonly declaration: Declaration;
}

export function zoneOf(counted: Counted): Zone {
  const name = counted === 'connections' ? 'tidegate_connections' : `tidegate_${counted.rate}_per_${counted.per}`;
  const known = zones.get(name) ?? declareZone(name, counted);
  zones.set(name, known);
  return { name, declaration: known };
}

function declareZone(name: string, counted: Counted): Declaration {
  const zone = parameter('zone', word(`${name}:${ZONE_SIZE}`));
  if (counted === 'connections') return declaration({ name: 'limit_conn_zone', args: [variable(KEY), zone] });
  const rate = parameter('rate', word(`${counted.rate}r/${counted.per}`));
  return declaration({ name: 'limit_req_zone', args: [variable(KEY), zone, rate] });
}

/** Who is counted as one. */
export interface Clients {
  readonly ingress: ObjectRef;
  /** In nginx's variables. */
  readonly key: string;
  /** Networks whose clients are not counted. */
  readonly exempt: readonly string[];
}

/** Gives the requests of a location their key: empty, which nginx does not count, for those that are exempt. */
export function limitKey({ ingress, key, exempt }: Clients): {
  readonly directives: readonly Directive[];
  readonly declarations: readonly Declaration[];
} {
  const declarations: Declaration[] = [];
  let value = withVariables(`\${${INGRESS}}${key}`);
  if (!isAddress(key)) {
    const name = variable(`tidegate_client_${shortHash(key)}`);
    const entries = [[word('default'), value], NOBODY];
    declarations.push(declaration({ name: 'map', args: [withVariables(key), name], entries }));
    value = name;
  }
  if (exempt.length > 0) {
    const networks = variable(`tidegate_exempt_${shortHash(exempt.join())}`);
    const name = variable(`tidegate_counted_${shortHash(JSON.stringify([key, exempt]))}`);
    declarations.push(
      declaration({ name: 'geo', args: [networks], entries: exempt.map((each) => [literal(each), integer(1)]) }),
      declaration({
        name: 'map',
        args: [networks, name],
        entries: [
          [integer(1), literal('')],
          [word('default'), value],
        ],
      }),
    );
    value = name;
  }
  const id = hex(shortHash(keyOf(ingress)));
  return {
    declarations,
    directives: [directive('set', variable(INGRESS), id), directive('set', variable(KEY), value)],
  };
}

/** Whoever has no key is not counted. */
const NOBODY = [literal(''), literal('')];

/** Short enough for the key of an IPv6 address: see ZONE_SIZE. */
function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}
