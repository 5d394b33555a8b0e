/** Objects in the form of a Table, which `kubectl get` requests. */
import { fieldAt, isList, isRecord, textOf } from './object.ts';
import type { ApiObject, Json, JsonObject } from './object.ts';
import type { Resource } from './resources.ts';

interface Column {
  readonly name: string;
  readonly cell: (object: ApiObject) => string;
}

function age({ metadata }: ApiObject): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(metadata.creationTimestamp ?? '')) / 1000));
  if (seconds < 120) return `${seconds}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}

function list(object: ApiObject, ...path: string[]): readonly JsonObject[] {
  const found = fieldAt(object, path);
  return isList(found) ? found.filter(isRecord) : [];
}

function texts(values: readonly (Json | undefined)[]): string {
  return values.map(textOf).filter(Boolean).join(',');
}

const NAME: Column = { name: 'Name', cell: ({ metadata }) => metadata.name ?? '' };
const AGE: Column = { name: 'Age', cell: age };

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  ingresses: [
    NAME,
    { name: 'Class', cell: (object) => textOf(fieldAt(object, ['spec', 'ingressClassName'])) || '<none>' },
    { name: 'Hosts', cell: (object) => texts(list(object, 'spec', 'rules').map((rule) => rule['host'])) || '*' },
    {
      name: 'Address',
      cell: (object) =>
        texts(list(object, 'status', 'loadBalancer', 'ingress').map(({ ip, hostname }) => ip ?? hostname)),
    },
    { name: 'Ports', cell: (object) => (list(object, 'spec', 'tls').length > 0 ? '80, 443' : '80') },
    AGE,
  ],
  leases: [NAME, { name: 'Holder', cell: (object) => textOf(fieldAt(object, ['spec', 'holderIdentity'])) }, AGE],
};

/** The objects as a Table. Resources that are not in COLUMNS have the columns name and age. */
export function tableOf(resource: Resource, objects: readonly ApiObject[], metadata: JsonObject): JsonObject {
  const columns = COLUMNS[resource.plural] ?? [NAME, AGE];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}
