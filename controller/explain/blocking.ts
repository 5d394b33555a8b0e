/** Refusals in all locations: see nginx/lua/tidegate/request/hops.lua and blocking.lua. */
import { directive } from '../types/directive.ts';
import type { LiveBlocked } from '../types/live.ts';
import type { StaticPlan } from '../types/plan.ts';
import { judgeRules } from './address-rules.ts';
import { toBytes } from './bytes.ts';
import { type NginxAnswer, note } from './course.ts';
import { maybe } from './outcomes.ts';
import { matchPcre } from './pcre.ts';
import { headerOf } from './request.ts';
import type { Located } from './situation.ts';

/** A request with this many marks in CDN-Loop is refused. */
const MOST_PASSES = 5;

function isLoop(marks: string): boolean {
  const found = marks.match(/(?<![^,; \t])tidegate(?![^,; \t])/g) ?? [];
  return found.length >= MOST_PASSES;
}

/** The networks of block-cidrs, as rules. */
function blockedNetworks({ declarations }: StaticPlan) {
  const lines = declarations.flatMap((each) => each.lines);
  const block = lines.find(({ name, args }) => name === 'geo' && args[1]?.meaning === '$tidegate_blocked');
  const networks = (block?.entries ?? []).flatMap(([network, value]) =>
    network === undefined || value?.meaning !== '1' ? [] : [network],
  );
  return networks.map((network) => directive('deny', network));
}

function isBlockedValue({ texts, patterns }: LiveBlocked, value: string): boolean {
  const flags = { caseless: false, dotAll: true };
  return (
    texts.some((text) => toBytes(text) === value.toLowerCase()) ||
    patterns.some((pattern) => matchPcre(toBytes(pattern), value, flags) !== null)
  );
}

/** Refuses requests in a loop, and requests that the settings block by address, User-Agent or Referer. */
export function blocked(situation: Located): NginxAnswer | undefined {
  const { plan, request, course } = situation;
  const end = (name: 'loop' | 'blocked', text: string, answer: NginxAnswer): NginxAnswer => {
    note(course, name, 'answered', `${text}: ${answer.status}`);
    return answer;
  };
  if (isLoop(headerOf(request.given, 'cdn-loop') ?? ''))
    return end('loop', `the request has passed through Tidegate ${MOST_PASSES} times`, {
      status: 508,
      written: true,
      reason: 'loop',
    });
  if (!plan.static.blocks) return undefined;
  const networks = blockedNetworks(plan.static);
  if (networks.length > 0 && request.client === undefined)
    maybe(situation, "block-cidrs contains the client's address", { status: 403, reason: 'blocked:block-cidrs' });
  if (request.client !== undefined && judgeRules(networks, request.client) === 'd')
    return end('blocked', `block-cidrs contains ${request.client}`, { status: 403, reason: 'blocked:block-cidrs' });
  const { blockedAgents, blockedReferers } = plan.live.settings;
  if (blockedAgents !== undefined && isBlockedValue(blockedAgents, headerOf(request.given, 'user-agent') ?? ''))
    return end('blocked', 'block-user-agents matches the User-Agent', {
      status: 403,
      reason: 'blocked:block-user-agents',
    });
  if (blockedReferers !== undefined && isBlockedValue(blockedReferers, headerOf(request.given, 'referer') ?? ''))
    return end('blocked', 'block-referers matches the Referer', { status: 403, reason: 'blocked:block-referers' });
  note(course, 'blocked', 'passed', 'no entry of block-cidrs, block-user-agents or block-referers matches');
  return undefined;
}
