/** Reads the hosts of one namespace. An invalid text never opens a host to others, whatever it was meant to say. */
import { bytesOf, shown } from '../../types/left-out.ts';
import type { Kept } from '../../types/last-good.ts';
import { type Problem, shorten } from '../../types/problem.ts';
import { type Bounds, excess } from '../contract/bounds.ts';
import type { HostClaim } from '../contract/host-owners.ts';
import type { Parsed } from '../contract/parser.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { hostPatterns } from '../values/host-patterns.ts';
import { likelyHosts } from '../values/likely-hosts.ts';
import type { ClaimText } from './claim-texts.ts';

type Data = Readonly<Record<string, string>>;

export interface ReadClaim {
  readonly claim: HostClaim;
  /** The texts in force, by the keys of `ClaimText.lastKey`. */
  readonly inForce: Data;
  /** Why nobody knows which hosts the text was meant to list, as a clause; undefined if that is known. */
  readonly doubt: string | undefined;
  readonly problem: Problem | undefined;
}

/** Remembered for an entry that was never valid. It is not a valid list of hosts itself. */
const NEVER_VALID = '?';
const NOTHING: readonly string[] = [];

/**
 * `last`: the texts in force before. The last good text stays in force while the written one has an invalid item.
 * Without one, the valid items apply, and hosts that the text seems to mean are closed to others. That may not be all:
 * unless the text is new and `last` is known, so that its hosts were open before, too, the claim is in doubt.
 */
export function readClaim(written: ClaimText, last: Kept | undefined, bounds: Bounds): ReadClaim {
  const { text, lastKey, unreadable } = written;
  if (text === '' && unreadable === undefined)
    return {
      claim: claimOf(written, NOTHING, NOTHING),
      inForce: { [lastKey]: text },
      doubt: undefined,
      problem: written.misplaced === true ? undefined : emptyClaim(written),
    };
  const parsed = parse(text, bounds);
  const reason = unreadable ?? (parsed.ok ? parsed.dropped : parsed.reason);
  const valid = parsed.ok ? parsed.value : NOTHING;
  if (reason === undefined)
    return {
      claim: claimOf(written, valid, NOTHING),
      inForce: { [lastKey]: text },
      doubt: undefined,
      problem: undefined,
    };
  return readInvalid(written, { reason, valid }, last, bounds);
}

/** `valid`: the valid items of the text. */
function readInvalid(
  written: ClaimText,
  { reason, valid }: { readonly reason: string; readonly valid: readonly string[] },
  last: Kept | undefined,
  bounds: Bounds,
): ReadClaim {
  const { text, where, lastKey, unreadable } = written;
  const likely = [...valid, ...likelyHosts(shown(text))];
  const data = last?.data ?? {};
  const good = goodText(data[lastKey], bounds);
  if (good !== undefined)
    return {
      claim: claimOf(written, good.patterns, likely),
      inForce: { [lastKey]: good.text },
      doubt: undefined,
      problem: invalid(written, reason, 'its last good value stays in force'),
    };
  const gone = textsOfEarlier(written, data);
  const closed = [...likely, ...Object.values(gone).flatMap((each) => goodText(each, bounds)?.patterns ?? [])];
  const isNew = last !== undefined && (data[lastKey] ?? '') === '' && isWhole(text);
  const usable = unreadable === undefined ? valid : NOTHING;
  return {
    claim: claimOf(written, usable, closed),
    inForce: { ...gone, [lastKey]: isNew ? '' : NEVER_VALID },
    doubt: isNew ? undefined : `it may belong to another namespace: ${where} is invalid, and no earlier value is known`,
    problem: invalid(written, reason, outcomeOf(written, usable.length > 0, isNew)),
  };
}

function claimOf({ where, misplaced }: ClaimText, patterns: readonly string[], closed: readonly string[]): HostClaim {
  const own = misplaced === true ? NOTHING : patterns;
  const closes = misplaced === true ? [...patterns, ...closed] : closed;
  return { patterns: new Set(own), ...(closes.length > 0 && { closes: new Set(closes) }), where };
}

function goodText(text: string | undefined, bounds: Bounds): { text: string; patterns: readonly string[] } | undefined {
  if (text === undefined || text === '') return undefined;
  const parsed = parse(text, bounds);
  return parsed.ok && parsed.dropped === undefined ? { text, patterns: parsed.value } : undefined;
}

/** Last good texts of a deleted Namespace of the same name. They give no hosts to the new one. */
function textsOfEarlier({ namespace, object, lastKey, misplaced }: ClaimText, data: Data): Data {
  if (object.kind !== 'Namespace' || misplaced === true) return {};
  const isEarlier = (key: string) => key !== lastKey && key.startsWith(`${namespace} `) && key.split(' ').length === 2;
  return Object.fromEntries(Object.entries(data).filter(([key]) => isEarlier(key)));
}

/** Whether the list is known as a whole; if it is far too long, only its beginning is stored. */
function isWhole(text: string): boolean {
  return bytesOf(text) === Buffer.byteLength(text);
}

function parse(text: string, bounds: Bounds): Parsed<readonly string[]> {
  const reason = excess('annotationBytes', bytesOf(text), bounds);
  return reason === undefined ? hostPatterns.parse(text) : { ok: false, reason };
}

const EXAMPLE = 'shop.example.com, *.shop.example.com';

function outcomeOf({ namespace, misplaced }: ClaimText, some: boolean, isNew: boolean): string {
  const own = some
    ? 'the other items apply'
    : `Ingresses of namespace ${namespace} may use no host until it is corrected`;
  const others = isNew
    ? 'hosts that it seems to mean are closed to namespaces without patterns'
    : 'namespaces without patterns may use no host until it is corrected';
  if (!some && !isNew && misplaced !== true)
    return `Ingresses of namespace ${namespace}, and of namespaces without patterns, may use no host until it is corrected`;
  return misplaced === true ? others : `${own}, and ${others}`;
}

function invalid({ name, text, object, field }: ClaimText, reason: string, outcome: string): Problem {
  return {
    code: 'host-owners',
    severity: 'error',
    effect: 'none',
    object,
    field,
    value: shorten(shown(text)),
    message: refusedValue(name, reason, hostPatterns.accepts, `; ${outcome}`),
    example: EXAMPLE,
  };
}

function emptyClaim({ name, namespace, object, field }: ClaimText): Problem {
  return {
    code: 'host-owners',
    severity: 'notice',
    effect: 'none',
    object,
    field,
    value: '""',
    message: `${name} is empty: Ingresses of namespace ${namespace} may use no host`,
    example: EXAMPLE,
  };
}
