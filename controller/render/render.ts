/** Plan → Artifact. Pure: the templates come in as text. */
import { createHash } from 'node:crypto';
import type { Artifact } from '../types/artifact.ts';
import type { HostPlan, Plan, StaticPlan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import { compile, Fragment, type Template } from './engine.ts';
import { renderLive } from './live.ts';
import type { RenderOptions } from './options.ts';
import { verify } from './verify.ts';
import { confView, fallbackFile, serverView } from './views.ts';

/** Sources of the two templates. */
export interface TemplateSources {
  readonly conf: string;
  readonly server: string;
}

export type Render = (plan: Plan) => Artifact;

/** Thrown where the conf would not say what the values say: a hole in a template or a value type, never a user's fault. */
export class VerificationError extends Error {
  readonly owners: readonly ObjectRef[];
  constructor(message: string, owners: readonly ObjectRef[]) {
    super(`nginx.conf would not mean what was intended: ${message}`);
    this.name = 'VerificationError';
    this.owners = owners;
  }
}

interface ServerBlock {
  readonly text: string;
  readonly lines: number;
}

/** Checksum that stands in the conf while the real one is computed. */
const NO_CHECKSUM = '0'.repeat(16);

/** A renderer for one set of templates and options; it remembers every server block for as long as its plan lives. */
export function createRender(sources: TemplateSources, options: RenderOptions): Render {
  const templates = { conf: compile(sources.conf), server: compile(sources.server) };
  const blocks = new WeakMap<HostPlan, { forwarded: boolean; block: ServerBlock }>();

  const serverBlock = (host: HostPlan, plan: StaticPlan): ServerBlock => {
    const forwarded = plan.forwarded !== null;
    const known = blocks.get(host);
    if (known?.forwarded === forwarded) return known.block;
    const text = checked(templates.server, serverView(host, plan, options), host.owners);
    const block = { text, lines: countLines(text) };
    blocks.set(host, { forwarded, block });
    return block;
  };

  return (plan) => {
    const servers = plan.static.hosts.map((host) => serverBlock(host, plan.static));
    const fragment = new Fragment(servers.map((block) => block.text).join(''));
    const view = (checksum: string, inside: Fragment) => confView(plan.static, inside, checksum, options);
    const without = checked(templates.conf, view(NO_CHECKSUM, new Fragment('')), []);
    const confHash = createHash('sha256').update(without).update(fragment.text).digest('hex').slice(0, 16);
    const conf = templates.conf(view(confHash, fragment)).text;
    const files = [...plan.static.files, fallbackFile(options)];
    return {
      conf,
      confHash,
      live: renderLive(plan.live),
      files: new Map(files.map((file) => [file.name, file.content])),
      ownersOfLine: ownersOfLine(conf, plan.static.hosts, servers),
    };
  };
}

function checked(template: Template, view: object, owners: readonly ObjectRef[]): string {
  const rendered = template(view);
  const difference = verify(rendered);
  if (difference !== undefined) throw new VerificationError(difference, owners);
  return rendered.text;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

const LOCATION = /^ {8}location /;
const ROUTE = /^ {12}set \$tidegate_route ([0-9a-f]{16});/;

/** Line of the conf → the Ingress whose location it is in, else all of the server block. */
function ownersOfLine(
  conf: string,
  hosts: readonly HostPlan[],
  servers: readonly ServerBlock[],
): Artifact['ownersOfLine'] {
  return (line) => {
    const lines = conf.split('\n');
    let first = countLines(conf.slice(0, conf.indexOf(servers[0]?.text ?? ''))) + 1;
    for (const [index, block] of servers.entries()) {
      if (line >= first && line < first + block.lines) return ownersInBlock(lines, line, hosts[index]);
      first += block.lines;
    }
    return [];
  };
}

function ownersInBlock(lines: readonly string[], line: number, host: HostPlan | undefined): readonly ObjectRef[] {
  let start = line - 1;
  while (start > 0 && !LOCATION.test(lines[start] ?? '') && !/^ {8}\}/.test(lines[start] ?? '')) start -= 1;
  const route = LOCATION.test(lines[start] ?? '') ? ROUTE.exec(lines[start + 1] ?? '')?.[1] : undefined;
  const location = host?.locations.find((each) => each.routeId === route);
  return location?.owner === undefined ? (host?.owners ?? []) : [location.owner];
}
