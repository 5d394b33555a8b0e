/**
 * Applies the conversion of `convert.ts` to a parsed YAML document, so that comments and unchanged parts are preserved.
 */
import { isMap, isScalar, isSeq, Pair, Scalar } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import { portField } from './convert.ts';
import { classify, KINDS } from './kinds.ts';

/**
 * Rewrites every Ingress and IngressClass of a removed API version, including those in Lists. Returns the number of
 * rewritten objects.
 */
export function convertDocument(document: Document): number {
  return convertNode(document, document.contents);
}

function convertNode(document: Document, node: unknown): number {
  if (!isMap(node)) return 0;
  const kind = String(node.get('kind'));
  const items = node.get('items');
  if (kind.endsWith('List') && isSeq(items)) {
    const counts = items.items.map((item) => convertNode(document, inherit(document, node, item, kind)));
    const converted = counts.reduce((sum, count) => sum + count, 0);
    convertVersion(node, kind.slice(0, -'List'.length));
    return converted;
  }
  if (!convertVersion(node, kind)) return 0;
  const spec = node.get('spec');
  if (kind === 'Ingress' && isMap(spec)) convertSpec(document, spec);
  return 1;
}

/** Adds the kind and version that items of an IngressList may omit. */
function inherit(document: Document, list: YAMLMap, item: unknown, listKind: string): unknown {
  const kind = listKind.slice(0, -'List'.length);
  if (kind === '' || !isMap(item)) return item;
  if (!item.has('kind')) item.items.unshift(document.createPair('kind', kind));
  if (!item.has('apiVersion')) item.items.unshift(document.createPair('apiVersion', list.get('apiVersion')));
  return item;
}

/** Replaces a removed API version with the current one. Returns false if the version was not removed. */
function convertVersion(node: YAMLMap, kind: string): boolean {
  const found = classify(String(node.get('apiVersion')), kind);
  if (found.is !== 'read' || !found.removed) return false;
  const version = node.get('apiVersion', true);
  if (isScalar(version)) version.value = KINDS[found.kind].apiVersion;
  return true;
}

function convertSpec(document: Document, spec: YAMLMap): void {
  const backend = pairOf(spec, 'backend');
  if (backend !== undefined) {
    convertBackend(document, backend.value);
    if (spec.has('defaultBackend')) spec.delete('backend');
    else rename(backend, 'defaultBackend');
  }
  const rules = spec.get('rules');
  for (const rule of isSeq(rules) ? rules.items : []) {
    const paths = isMap(rule) ? rule.getIn(['http', 'paths']) : undefined;
    for (const path of isSeq(paths) ? paths.items : []) {
      if (!isMap(path)) continue;
      addPathType(document, path);
      convertBackend(document, path.get('backend', true));
    }
  }
}

function addPathType(document: Document, path: YAMLMap): void {
  const given = pairOf(path, 'pathType');
  if (given !== undefined && isScalar(given.value) && given.value.value === null) path.delete('pathType');
  if (path.has('pathType')) return;
  const at = path.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === 'path');
  path.items.splice(at + 1, 0, document.createPair('pathType', 'ImplementationSpecific'));
}

/**
 * Combines `serviceName` and `servicePort` into one `service`. Their YAML nodes are reused, so their comments are
 * preserved.
 */
function convertBackend(document: Document, backend: unknown): void {
  if (!isMap(backend)) return;
  const name = pairOf(backend, 'serviceName');
  const port = pairOf(backend, 'servicePort');
  if (name === undefined && port === undefined) return;
  const at = backend.items.findIndex((pair) => pair === name || pair === port);
  const existing = backend.get('service');
  const service = isMap(existing) ? existing : (document.createNode({}) as YAMLMap);
  service.flow = backend.flow ?? false;
  if (name !== undefined && !isNull(name.value)) service.items.push(rename(name, 'name'));
  if (port !== undefined && !isNull(port.value))
    service.items.push(rename(port, 'port', convertPort(document, port.value, service)));
  backend.items = backend.items.filter((pair) => pair !== name && pair !== port);
  if (!isMap(existing)) backend.items.splice(at, 0, new Pair<unknown>(new Scalar('service'), service));
}

function convertPort(document: Document, value: unknown, service: YAMLMap): YAMLMap {
  const given = isScalar(value) ? value.value : value;
  const field = portField(given);
  const port = document.createNode({}) as YAMLMap;
  port.flow = service.flow ?? false;
  const node = field === 'number' && typeof given === 'string' ? document.createNode(Number(given)) : value;
  port.items.push(new Pair<unknown>(new Scalar(field), node));
  return port;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Renames a key. The key's YAML node is reused, because the comments above the key belong to it. */
function rename(pair: Pair, key: string, value: unknown = pair.value): Pair {
  if (isScalar(pair.key)) {
    pair.key.value = key;
    delete pair.key.source;
  }
  pair.value = value;
  return pair;
}

function isNull(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null);
}
