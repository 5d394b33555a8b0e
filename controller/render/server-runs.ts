/**
 * Server blocks in runs of about fifty, each with its text. When a host changes, only its run is written again, not the
 * whole conf.
 */
import { createHash } from 'node:crypto';
import { type Fault, faultOf, Faults } from '../types/fault.ts';
import type { HostPlan, StaticPlan } from '../types/plan.ts';
import type { Steps } from '../types/steps.ts';
import { gather, type Gathered } from '../types/table/derive.ts';
import type { ListTemplate } from './engine.ts';
import { type BlockFacts, sumFacts } from './facts.ts';
import type { RenderOptions } from './options.ts';
import { renderServer, type ServerBlock } from './server-block.ts';
import { writtenHeaders } from './upstream-headers.ts';

export interface ServerRun extends BlockFacts {
  readonly blocks: readonly ServerBlock[];
  readonly text: string;
  /** Hash of the text without comments that name objects; the checksum of the conf is computed from it. */
  readonly digest: string;
}

export interface ServerRuns {
  /** What the text of the blocks depends on besides the plans of their hosts, as one string. */
  readonly around: string;
  readonly list: Gathered<HostPlan, ServerRun>;
}

export const NO_RUNS: ServerRuns = { around: '', list: [] };

/** Throws Faults if blocks cannot be rendered, after all others have been rendered and cached. */
export interface RenderRuns {
  (plan: StaticPlan, before: ServerRuns): Steps<ServerRuns>;
  /** Renders these hosts as one run, without using earlier runs. */
  readonly only: (plan: StaticPlan, hosts: readonly HostPlan[]) => Steps<ServerRun>;
}

/** What the text of a block depends on besides the plan of its host. */
function aroundOf(plan: StaticPlan): string {
  const addressHeader = plan.clientAddress?.list?.name.conf ?? null;
  const variables = plan.setByLocations.map(({ conf }) => conf);
  const values = JSON.stringify([
    plan.forwarded !== null,
    addressHeader,
    plan.listen,
    plan.http2,
    plan.http3 !== null,
    variables,
  ]);
  return `${values}\n${writtenHeaders(plan.upstreamHeaders)}\n${writtenSnippets(plan)}`;
}

function writtenSnippets({ snippets: { server, location }, hsts, http3 }: StaticPlan): string {
  if (server === null && location === null) return '';
  return [server?.text, location?.text, hsts !== null, http3 !== null].join('\n');
}

/** A renderer that caches the block of each host for as long as the plan of the host is in use. */
export function createServerRuns(template: ListTemplate, options: RenderOptions): RenderRuns {
  const known = new WeakMap<HostPlan, { around: string; block: ServerBlock }>();

  function* blockOf(host: HostPlan, plan: StaticPlan, around: string): Steps<ServerBlock> {
    const memo = known.get(host);
    if (memo?.around === around) return memo.block;
    const block = yield* renderServer(template, host, plan, options);
    known.set(host, { around, block });
    return block;
  }

  function* blockOrFail(
    host: HostPlan,
    plan: StaticPlan,
    around: string,
    faults: Fault[],
  ): Steps<readonly ServerBlock[]> {
    try {
      return [yield* blockOf(host, plan, around)];
    } catch (error) {
      faults.push(faultOf(error, host.owners));
      return [];
    }
  }

  function* renderRuns(plan: StaticPlan, before: ServerRuns): Steps<ServerRuns> {
    const around = aroundOf(plan);
    const faults: Fault[] = [];
    function* inOneRun(hosts: readonly HostPlan[]): Steps<ServerRun> {
      const blocks: ServerBlock[] = [];
      for (const host of hosts) {
        blocks.push(...(yield* blockOrFail(host, plan, around, faults)));
        yield;
      }
      return runOf(blocks);
    }
    const list = yield* gather(plan.hosts, before.around === around ? before.list : [], inOneRun);
    if (faults.length > 0) throw new Faults(faults);
    return { around, list };
  }

  function* only(plan: StaticPlan, hosts: readonly HostPlan[]): Steps<ServerRun> {
    const around = aroundOf(plan);
    const faults: Fault[] = [];
    const blocks: ServerBlock[] = [];
    for (const host of hosts) {
      // `runOf` replaces the text of each block with a substring of its run's text. The blocks are copied because the
      // originals belong to a run that is in use.
      blocks.push(...(yield* blockOrFail(host, plan, around, faults)).map((block) => ({ ...block })));
      yield;
    }
    if (faults.length > 0) throw new Faults(faults);
    return runOf(blocks);
  }

  return Object.assign(renderRuns, { only });
}

function runOf(blocks: readonly ServerBlock[]): ServerRun {
  const text = blocks.map((block) => block.text).join('');
  let at = 0;
  for (const block of blocks) {
    const end = at + block.text.length;
    block.text = text.slice(at, end);
    at = end;
  }
  const sum = createHash('sha256');
  for (const { digest } of blocks) sum.update(digest);
  return { blocks, text, digest: sum.digest('base64'), ...sumFacts(blocks) };
}
