/**
 * Where NGINX counts the requests of clients. A zone belongs to a rate, not to an Ingress: the beginning of the key
 * keeps Ingresses apart. The name describes the zone completely: nginx refuses a zone whose key or size differs from
 * those before the reload, and keeps the counts of an unchanged one.
 */
import { hash } from 'node:crypto';
import {
  type ConfValue,
  hex,
  integer,
  literal,
  parameter,
  variable,
  withVariables,
  word,
} from '../../types/conf-value.ts';
import { type Declaration, declaration } from '../../types/declaration.ts';
import { type Directive, directive } from '../../types/directive.ts';
import type { ObjectRef } from '../../types/problem.ts';
import { keyOf } from '../contract/object-ref.ts';
import { isAddress } from '../values/limits.ts';

/**
 * nginx needs 128 bytes for a client of a rate, 64 for one of a connection limit: room for 131,072 and 262,144 clients.
 */
const ZONE_SIZE = '16m';
/** Each location with a limit sets this; the rest of the key is computed when the zone is used. */
const INGRESS = 'tidegate_limit_ingress';

/** What counts as one client. */
export interface Clients {
  /** In nginx's variables. */
  readonly key: string;
  /** Networks whose clients are exempt. */
  readonly exempt: readonly string[];
}

/** The key of a zone. It is empty, which nginx does not count, for exempt clients and those without a `key`. */
export interface LimitKey {
  readonly value: ConfValue;
  /** Part of its zones' names. */
  readonly suffix: string;
  readonly declarations: readonly Declaration[];
}

export function limitKey({ key, exempt }: Clients): LimitKey {
  const declarations: Declaration[] = [];
  let value = withVariables(`\${${INGRESS}}${key}`);
  if (!isAddress(key)) {
    const name = variable(`tidegate_client_${shortHash(key)}`);
    const entries = [
      [word('default'), value],
      [literal(''), literal('')],
    ];
    declarations.push(declaration({ name: 'map', args: [withVariables(key), name], entries }));
    value = name;
  }
  if (exempt.length > 0) {
    const networks = variable(`tidegate_exempt_${shortHash(exempt.join())}`);
    const name = variable(`tidegate_counted_${shortHash(JSON.stringify([key, exempt]))}`);
    const entries = [
      [word('default'), value],
      [integer(1), literal('')],
    ];
    declarations.push(
      declaration({ name: 'geo', args: [networks], entries: exempt.map((each) => [literal(each), integer(1)]) }),
      declaration({ name: 'map', args: [networks, name], entries }),
    );
    value = name;
  }
  return { value, suffix: shortHash(value.conf), declarations };
}

/** The variable that a location must set before its limits. */
export function countFor(ingress: ObjectRef): Directive {
  return directive('set', variable(INGRESS), hex(shortHash(keyOf(ingress))));
}

export type Counted = { readonly per: 's' | 'm'; readonly rate: number } | 'connections';

export interface Zone {
  readonly name: ConfValue;
  readonly declaration: Declaration;
}

/** Thousands of Ingresses share a few zones. */
const zones = new Map<string, Zone>();

export function zoneOf(counted: Counted, key: LimitKey): Zone {
  const kind = counted === 'connections' ? counted : `${counted.rate}_per_${counted.per}`;
  const name = `tidegate_${kind}_${key.suffix}`;
  const known = zones.get(name) ?? { name: word(name), declaration: declareZone(name, counted, key) };
  zones.set(name, known);
  return known;
}

function declareZone(name: string, counted: Counted, { value }: LimitKey): Declaration {
  const zone = parameter('zone', word(`${name}:${ZONE_SIZE}`));
  if (counted === 'connections') return declaration({ name: 'limit_conn_zone', args: [value, zone] });
  const rate = parameter('rate', word(`${counted.rate}r/${counted.per}`));
  return declaration({ name: 'limit_req_zone', args: [value, zone, rate] });
}

/** Short enough for the key of an IPv6 address: see ZONE_SIZE. */
function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}
