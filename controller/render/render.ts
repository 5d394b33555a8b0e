/** Plan → Artifact. The code is pure: it gets the templates as strings. */
import { createHash } from 'node:crypto';
import type { Artifact, ConfParts } from '../types/artifact.ts';
import type { FilePlan, HostPlan, Plan, StaticPlan } from '../types/plan.ts';
import { finish, type Steps } from '../types/steps.ts';
import { createDeclare, type Declared } from './declarations.ts';
import { compile, compileList } from './engine.ts';
import { confFacts } from './facts.ts';
import { fallbackFile } from './fallback-file.ts';
import { quicKeyFile } from './quic-key-file.ts';
import { createHead, NO_CHECKSUM } from './head.ts';
import { NO_LIVE, renderLive } from './live.ts';
import type { RenderOptions } from './options.ts';
import { ownersOfLine, sectionsOf, serverBlock } from './owners.ts';
import { createServerRuns, NO_RUNS, type ServerRun, type ServerRuns } from './server-runs.ts';
import { createStreamBlock, NO_STREAMS, type StreamBlock } from './stream-block.ts';
import { undeclared } from './undeclared.ts';

/** Sources of the templates. `stream` is needed only for Plans with TCP or UDP services. */
export interface TemplateSources {
  readonly conf: string;
  readonly server: string;
  readonly stream?: string;
}

/**
 * A call renders in one step; `steps` renders in small steps. Both throw Faults if parts of some Ingresses cannot be
 * rendered.
 */
export interface Render {
  (plan: Plan): Artifact;
  readonly steps: (plan: Plan) => Steps<Artifact>;
  /**
   * Renders an nginx.conf with only these server blocks, without live data, for a test. Its cost depends only on these
   * blocks.
   */
  readonly excerpt: (plan: StaticPlan, hosts: readonly HostPlan[]) => Steps<Artifact>;
}

/** The last result. If nothing has changed, its strings are returned again. */
interface Rendered {
  readonly plan: StaticPlan | undefined;
  readonly plain: string;
  readonly declared: Declared | undefined;
  readonly runs: ServerRuns;
  readonly streams: StreamBlock;
  readonly before: string;
  readonly conf: string;
  readonly confDigest: string;
}

const NOTHING: Rendered = {
  plan: undefined,
  plain: '',
  declared: undefined,
  runs: NO_RUNS,
  streams: NO_STREAMS,
  before: '',
  conf: '',
  confDigest: '',
};

/** A renderer for given templates and options. */
export function createRender(sources: TemplateSources, options: RenderOptions): Render {
  const renderRuns = createServerRuns(compileList(sources.server, 'locations'), options);
  const head = createHead(compile(sources.conf), options);
  const declare = createDeclare();
  const streamBlock = createStreamBlock(sources.stream, options);
  const lackedBy = ({ variables }: StaticPlan) => undeclared([sources.conf, sources.server], variables);
  let live = NO_LIVE;
  let last = NOTHING;

  function* renderConf(plan: StaticPlan): Steps<Rendered> {
    const before = last;
    if (plan === before.plan) return before;
    const runs = yield* renderRuns(plan, before.runs);
    const values = runs.list.map(({ value }) => value);
    const facts = confFacts(values);
    const declared = yield* declare([plan.declarations, lackedBy(plan), ...values.map((run) => run.declarations)]);
    const plain = head.plain(plan, facts);
    const streams = streamBlock(plan, before.streams);
    yield;
    const same = plain === before.plain && declared === before.declared && streams === before.streams;
    if (same && sameItems(runs.list, before.runs.list)) return { ...before, plan };
    const sum = createHash('sha256').update(plain).update(streams.bare).update(declared.digest);
    for (const { digest } of values) sum.update(digest);
    const confDigest = sum.digest('hex');
    const stamped = head.stamped(
      plan,
      facts,
      { declarations: declared.text, streams: streams.text },
      confDigest.slice(0, CHECKSUM),
    );
    yield;
    // V8 copies the parts into one string only when the result is read. In a burst of changes, most results never are.
    const conf = stamped.before.concat(...values.map(({ text }) => text), stamped.after);
    return { plan, plain, declared, runs, streams, before: stamped.before, conf, confDigest };
  }

  function* steps(plan: Plan): Steps<Artifact> {
    const rendered = yield* renderConf(plan.static);
    last = rendered;
    live = yield* renderLive(plan.live, live);
    const files = [...plan.static.files, ...ownFiles(plan.static, options)];
    const runs = rendered.runs.list.map(({ value }) => value);
    const { before } = rendered;
    return {
      conf: rendered.conf,
      parts: partsOf(plan.static, runs, rendered),
      confDigest: rendered.confDigest,
      confHash: rendered.confDigest.slice(0, CHECKSUM),
      live: live.document,
      files: new Map(files.map((file) => [file.name, file.content])),
      streamFiles: plan.streamFiles,
      ownersOfLine: ownersOfLine(before, plan.static.hosts, runs),
      serverBlock: serverBlock(plan.static.hosts, runs),
      sectionsOf,
    };
  }

  function partsOf(plan: StaticPlan, runs: readonly ServerRun[], rendered: Rendered): ConfParts {
    const { plain, streams, before, confDigest } = rendered;
    return {
      around: [plain, streams.bare],
      runs,
      before,
      textAround: (blocks) => {
        const lists = [plan.declarations, lackedBy(plan), ...blocks.map(({ declarations }) => declarations)];
        const inserted = { declarations: finish(createDeclare()(lists)).text, streams: streams.text };
        return head.stamped(plan, confFacts(runs), inserted, confDigest.slice(0, CHECKSUM));
      },
    };
  }

  function* excerpt(plan: StaticPlan, hosts: readonly HostPlan[]): Steps<Artifact> {
    const run = yield* renderRuns.only(plan, hosts);
    const facts = confFacts([run]);
    const declared = yield* createDeclare()([plan.declarations, lackedBy(plan), run.declarations]);
    yield;
    const inserted = { declarations: declared.text, streams: streamBlock(plan, NO_STREAMS).text };
    const { before, after } = head.stamped(plan, facts, inserted, NO_CHECKSUM);
    const conf = before.concat(run.text, after);
    const named = new Set(conf.match(FILE_NAMES));
    const files = [...plan.files.filter(({ name }) => named.has(`files/${name}`)), ...ownFiles(plan, options)];
    return {
      conf,
      confDigest: NO_CHECKSUM,
      confHash: NO_CHECKSUM,
      live: new Map(),
      files: new Map(files.map((file) => [file.name, file.content])),
      ownersOfLine: ownersOfLine(before, hosts, [run]),
      serverBlock: serverBlock(hosts, [run]),
      sectionsOf,
    };
  }

  return Object.assign((plan: Plan) => finish(steps(plan)), { steps, excerpt });
}

/** Number of digits of the checksum in the conf. */
const CHECKSUM = NO_CHECKSUM.length;
const FILE_NAMES = /files\/[A-Za-z0-9_.-]+/g;

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Files that nginx.conf always needs, whatever the objects are. */
function ownFiles({ http3 }: StaticPlan, options: RenderOptions): readonly FilePlan[] {
  return http3 === null ? [fallbackFile(options)] : [fallbackFile(options), quicKeyFile(options)];
}
