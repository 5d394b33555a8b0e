/**
 * Describes in words how one static Plan differs from another, as the reason for a new nginx.conf: "server block of
 * a.example.com changed by shop/web: …".
 */
import type { Directive } from '../types/directive.ts';
import type { HostPlan, LocationPlan, StaticPlan } from '../types/plan.ts';
import { diff } from '../types/table/diff.ts';

function nameOf({ host, isDefault }: HostPlan): string {
  return isDefault ? 'the catch-all host' : host;
}

function ownersOf(locations: readonly LocationPlan[]): string {
  const owners = new Set(
    locations.flatMap(({ owner }) => (owner === undefined ? [] : [`${owner.namespace}/${owner.name}`])),
  );
  return owners.size === 0 ? '' : ` by ${[...owners].slice(0, 3).join(', ')}${owners.size > 3 ? ', …' : ''}`;
}

function written(directive: Directive): string {
  return [directive.name, ...directive.args.map((arg) => arg.conf)].join(' ');
}

function fingerprint(location: LocationPlan): string {
  return JSON.stringify([location.match, location.pass, location.routeId, location.directives.map(written)]);
}

function matchText({ match }: LocationPlan): string {
  const modifier =
    match.kind === 'exact' ? '= ' : match.kind === 'prefix' ? '' : match.literal === undefined ? '~* ' : '~ ';
  return `${modifier}${match.text}`;
}

function headersOf({ upstreamHeaders = [] }: LocationPlan): string {
  return upstreamHeaders.map(([name, value]) => `${name} ${value === 'removed' ? '' : value.conf}`).join('\n');
}

function listOf({ upstreamHeaders }: StaticPlan): string {
  return upstreamHeaders.map(({ name, value }) => `${name} ${value.conf}`).join('\n');
}

/**
 * What differs between two versions of a location: names of directives, `headers for the backend`, `backend-protocol`.
 */
function changedDirectives(before: LocationPlan, after: LocationPlan): string[] {
  const [old, now] = [new Set(before.directives.map(written)), new Set(after.directives.map(written))];
  const names = [
    ...before.directives.filter((each) => !now.has(written(each))),
    ...after.directives.filter((each) => !old.has(written(each))),
  ];
  const pass =
    before.pass.protocol === after.pass.protocol && before.pass.tlsId === after.pass.tlsId ? [] : ['backend-protocol'];
  const headers = headersOf(before) === headersOf(after) ? [] : ['headers for the backend'];
  return [...new Set([...names.map(({ name }) => name), ...headers, ...pass])];
}

function hostReason(before: HostPlan, after: HostPlan): string | undefined {
  const old = new Map(before.locations.map((location) => [matchText(location), location]));
  const now = new Map(after.locations.map((location) => [matchText(location), location]));
  const added = after.locations.filter((location) => !old.has(matchText(location)));
  const removed = before.locations.filter((location) => !now.has(matchText(location)));
  const changed = after.locations.filter((location) => {
    const was = old.get(matchText(location));
    return was !== undefined && fingerprint(was) !== fingerprint(location);
  });
  const details = [
    ...(added.length === 0 ? [] : [`path ${added.map(matchText).slice(0, 3).join(', ')} added`]),
    ...(removed.length === 0 ? [] : [`path ${removed.map(matchText).slice(0, 3).join(', ')} removed`]),
    ...new Set(changed.flatMap((location) => changedDirectives(old.get(matchText(location)) ?? location, location))),
  ];
  if (before.names.map(({ text }) => text).join() !== after.names.map(({ text }) => text).join())
    details.push('server-alias');
  if (details.length === 0 && changed.length === 0) return undefined;
  return `server block of ${nameOf(after)} changed${ownersOf([...added, ...removed, ...changed])}: ${details.join(', ')}`;
}

function ofSettings({ main, events, http }: StaticPlan): string {
  return [main, events, http].map((each) => each.map(written).join()).join(';');
}

/** `TCP port 5432 -> shop/db:5432` for each port of the stream block, and everything else about it as one item. */
function streamItems({ streams }: StaticPlan): ReadonlyMap<string, string> {
  if (streams === null) return new Map();
  const { servers, ...rest } = streams;
  return new Map([
    ...servers.map((server) => [`${server.protocol} port ${server.port}`, JSON.stringify(server)] as const),
    ['settings of TCP and UDP connections', JSON.stringify(rest)],
  ]);
}

function streamReasons(before: StaticPlan, after: StaticPlan): string[] {
  if (before.streams === after.streams) return [];
  const [old, now] = [streamItems(before), streamItems(after)];
  return [
    ...[...now].flatMap(([name, text]) => {
      const was = old.get(name);
      return was === text ? [] : [`${name} ${was === undefined ? 'added' : 'changed'}`];
    }),
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => `${name} removed`),
  ];
}

/** Reasons for the difference between two nginx.conf files, the most specific first; never empty. */
export function reloadReasons(before: StaticPlan | undefined, after: StaticPlan): string[] {
  if (before === undefined) return ['nginx.conf differs from the one in use before'];
  const changes = [...diff(before.hosts, after.hosts)];
  const old = new Map(changes.flatMap(([, host]) => (host === undefined ? [] : [[nameOf(host), host]])));
  const now = new Map(changes.flatMap(([, , host]) => (host === undefined ? [] : [[nameOf(host), host]])));
  const reasons: string[] = [];
  for (const [name, host] of now) {
    const was = old.get(name);
    if (was === undefined) reasons.push(`new host ${name}${ownersOf(host.locations)}`);
    else reasons.push(...[hostReason(was, host)].filter((reason) => reason !== undefined));
  }
  for (const [name, host] of old) if (!now.has(name)) reasons.push(`host ${name} removed${ownersOf(host.locations)}`);
  reasons.push(...streamReasons(before, after));
  if (ofSettings(before) !== ofSettings(after)) reasons.push('settings of the ConfigMap changed');
  // This may differ even if the ConfigMap is unchanged, for example if the address of a syslog server has changed.
  if (JSON.stringify(before.logs) !== JSON.stringify(after.logs)) reasons.push('the destination of logs changed');
  if (listOf(before) !== listOf(after)) reasons.push('headers for every backend changed');
  return reasons.length === 0 ? ['settings, templates or options changed'] : reasons;
}
