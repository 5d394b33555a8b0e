/** The documents by which clients discover the kinds of an API server. */
import type { JsonObject } from './object.ts';
import { apiVersionOf, RESOURCES } from './resources.ts';
import type { Resource } from './resources.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceList(resources: readonly Resource[]): JsonObject {
  const entries = resources.flatMap((one) => {
    const { plural, singular, kind, namespaced, shortNames } = one;
    const main = { name: plural, singularName: singular, namespaced, kind, verbs: VERBS, shortNames };
    const status = { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] };
    return one.status ? [main, status] : [main];
  });
  const [first] = resources;
  const groupVersion = first === undefined ? '' : apiVersionOf(first);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries };
}

/** The only version of a group that the emulator serves. */
function versionOf(name: string): string {
  return RESOURCES.find((one) => one.group === name)?.version ?? 'v1';
}

function group(name: string): JsonObject {
  const version = { groupVersion: `${name}/${versionOf(name)}`, version: versionOf(name) };
  return { name, versions: [version], preferredVersion: version };
}

const GROUPS = [...new Set(RESOURCES.map((one) => one.group))].filter((name) => name !== '');

const DOCUMENTS: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['/version', { major: '1', minor: '34', gitVersion: 'v1.34.0-emulated', platform: 'linux/amd64' }],
  ['/api', { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }],
  ['/api/v1', resourceList(RESOURCES.filter((one) => one.group === ''))],
  ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(group) }],
  ...GROUPS.flatMap((name): [string, JsonObject][] => [
    [`/apis/${name}`, { kind: 'APIGroup', apiVersion: 'v1', ...group(name) }],
    [`/apis/${name}/${versionOf(name)}`, resourceList(RESOURCES.filter((one) => one.group === name))],
  ]),
]);

/** The discovery document at a path, or undefined. */
export function discoveryAt(path: string): JsonObject | undefined {
  return DOCUMENTS.get(path.replace(/\/$/, ''));
}
