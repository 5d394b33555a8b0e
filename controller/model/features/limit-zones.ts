/**
 * The shared memory zones in which NGINX counts requests and connections of clients. A zone belongs to a rate, not to
 * an Ingress: the keys in it begin with a hash of the Ingress, which keeps Ingresses apart. The name of a zone includes
 * everything that describes it, because, on a reload, nginx rejects a zone that has the same name as an existing one
 * but another key or size. The counts of an unchanged zone survive the reload.
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
 * nginx needs 128 bytes per client for a rate and 64 per client for a connection limit, so there is room for 131,072 or
 * 262,144 clients.
 */
const ZONE_SIZE = '16m';
/**
 * The variable with the hash of the Ingress. Each location with a limit sets it; the rest of the key is computed when
 * the zone is used.
 */
const INGRESS = 'tidegate_limit_ingress';

/** What counts as one client. */
export interface Clients {
  /** Text with NGINX variables. */
  readonly key: string;
  /** Networks whose clients are exempt. */
  readonly exempt: readonly string[];
}

/**
 * The key of a zone. nginx does not count requests whose key is empty, so it is empty for exempt clients and for
 * requests for which `Clients.key` is empty.
 */
export interface LimitKey {
  readonly value: ConfValue;
  /** The end of the names of the zones that use this key. */
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

/** Sets the variable that identifies the Ingress in keys; a location needs it before its limits. */
export function countFor(ingress: ObjectRef): Directive {
  return directive('set', variable(INGRESS), hex(shortHash(keyOf(ingress))));
}

export type Counted = { readonly per: 's' | 'm'; readonly rate: number } | 'connections';

export interface Zone {
  readonly name: ConfValue;
  readonly declaration: Declaration;
}

/** Zones by their names: thousands of Ingresses share a few zones. */
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

/** Short enough that the key of an IPv6 address stays within the size that ZONE_SIZE assumes. */
function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}
