/** Edits to all objects that Ingresses refer to or depend on. */
import fc from 'fast-check';
import type { InForce, Kept, Use } from '../../types/last-good.ts';
import type { SettingTexts } from '../../model/contract/setting-texts.ts';
import { SETTING_KEYS } from '../../model/settings/settings.ts';
import { spec } from './ingress-edits.ts';
import { ALLOW_FROM, OWNED_HOSTS } from '../../types/own-annotations.ts';
import {
  CLAIMS,
  CONFIG_MAPS,
  edit,
  EXTERNAL_NAMES,
  HOST_POLICY,
  TCP_SERVICES,
  UDP_SERVICES,
  INGRESSES,
  namespace,
  SECRET_DATA,
  SECRETS,
  service,
} from './names.ts';
import { edited, put, putSlice, type World } from './world.ts';

const secretType = fc.constantFrom(undefined, 'kubernetes.io/tls');

export const secretEdit = fc
  .record({
    namespace,
    name: fc.constantFrom(...SECRETS),
    data: fc.nat({ max: SECRET_DATA.length }),
    type: secretType,
  })
  .map((given) =>
    edit('Secret', given, (world) => {
      const data = SECRET_DATA[given.data];
      const { namespace: space, name, type } = given;
      const secret =
        data === undefined
          ? undefined
          : { metadata: { namespace: space, name }, data, ...(type !== undefined && { type }) };
      return put(world, 'Secret', `${space}/${name}`, secret);
    }),
  );

/** Adds or removes a last good certificate, independently of the Secret's current content. */
export const keptEdit = fc
  .record({ namespace, name: fc.constantFrom(...SECRETS), data: fc.nat({ max: SECRET_DATA.length }) })
  .map((given) =>
    edit('kept certificate', given, (world) => {
      const data = SECRET_DATA[given.data];
      const { namespace: space, name } = given;
      const secret = data === undefined ? undefined : { metadata: { namespace: space, name }, data };
      const keptSecrets = edited(world.overrides.keptSecrets ?? new Map(), `${space}/${name}`, secret);
      return { ...world, overrides: { ...world.overrides, keptSecrets } };
    }),
  );

/** Adds or removes the last good content of another object that Ingresses refer to. */
export const lastGoodEdit = fc
  .record({
    namespace,
    use: fc.constantFrom<Use>(
      'client-authorities',
      'backend-tls',
      'verified-backend-tls',
      'auth-file',
      'custom-headers',
    ),
    secret: fc.constantFrom(...SECRETS),
    configMap: fc.constantFrom(...CONFIG_MAPS),
    data: fc.nat({ max: SECRET_DATA.length }),
  })
  .map((given) =>
    edit('last good content', given, (world) => {
      const { namespace: space, use } = given;
      const headers = use === 'custom-headers';
      const name = headers ? given.configMap : given.secret;
      const data = headers ? { 'X-Team': 'green' } : SECRET_DATA[given.data];
      const object = data === undefined ? undefined : { metadata: { namespace: space, name }, data };
      const before: ReadonlyMap<string, Kept> = world.overrides.lastGood ?? new Map();
      const lastGood = edited(before, `${use} ${space}/${name}`, object) as InForce;
      return { ...world, overrides: { ...world.overrides, lastGood } };
    }),
  );

/** Edits a ConfigMap that custom-headers, fastcgi-params-configmap or settings refer to; its content may be invalid. */
export const headersEdit = fc
  .record({
    namespace,
    name: fc.constantFrom(...CONFIG_MAPS),
    data: fc.option(
      fc.constantFrom({ 'X-Team': 'blue' }, { 'x-team': 'red' }, { 'X-Other': 'x' }, { 'X-Where': '$host' }, {}),
      { nil: undefined },
    ),
  })
  .map((given) =>
    edit('ConfigMap of headers', given, (world) => {
      const { namespace: space, name, data } = given;
      const object = data === undefined ? undefined : { metadata: { namespace: space, name }, data };
      return put(world, 'ConfigMap', `${space}/${name}`, object);
    }),
  );

export const serviceEdit = fc
  .record({
    namespace,
    service,
    kind: fc.constantFrom('gone', 'plain', 'named', 'own-address', 'external', 'external', 'address', 'loopback'),
    target: fc.constantFrom<number | string>(8080, 'http'),
  })
  .map((given) =>
    edit('Service', given, (world) => {
      const metadata = { namespace: given.namespace, name: given.service };
      const externalName = EXTERNAL_NAMES.get(given.kind);
      const ports = [{ port: given.kind === 'named' ? 81 : 80, name: 'http', targetPort: given.target }];
      const object = {
        metadata,
        spec:
          externalName === undefined
            ? { ports, clusterIP: given.kind === 'own-address' ? '10.96.0.7' : 'None' }
            : { type: 'ExternalName', externalName, ports },
      };
      return put(world, 'Service', `${given.namespace}/${given.service}`, given.kind === 'gone' ? undefined : object);
    }),
  );

/** The Service of the API server, whose addresses no other Service may have as endpoints. */
export const apiServerEdit = fc
  .record({
    addresses: fc.subarray(['10.0.0.1', '10.0.0.2']),
    port: fc.constantFrom(8080, 6443),
    clusterIP: fc.constantFrom('10.96.0.7', '10.96.0.1'),
  })
  .map((given) =>
    edit('API server', given, (world) => {
      const metadata = { namespace: 'default', name: 'kubernetes' };
      const ports = [{ port: 80, targetPort: given.port }];
      const object = { metadata, spec: { clusterIP: given.clusterIP, ports } };
      const present = given.addresses.length > 0;
      const slice = {
        metadata,
        addressType: 'IPv4',
        endpoints: given.addresses,
        ports: [{ port: given.port, protocol: 'TCP' }],
      };
      const withService = put(world, 'Service', 'default/kubernetes', present ? object : undefined);
      return putSlice(withService, 'default/kubernetes', present ? slice : undefined);
    }),
  );

export const sliceEdit = fc
  .record({ namespace, service, addresses: fc.subarray(['10.0.0.1', '10.0.0.2', '127.0.0.3']), ready: fc.boolean() })
  .map((given) =>
    edit('EndpointSlice', given, (world) => {
      const labels = { 'kubernetes.io/service-name': given.service };
      const slice = {
        metadata: { namespace: given.namespace, name: given.service, labels },
        addressType: 'IPv4',
        endpoints: given.addresses.map((address) => ({ addresses: [address], conditions: { ready: given.ready } })),
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      };
      const present = given.addresses.length > 0;
      return putSlice(world, `${given.namespace}/${given.service}`, present ? slice : undefined);
    }),
  );

const setting = fc
  .oneof(
    fc.constantFrom(...[...SETTING_KEYS].map(([name, key]) => [name, [...key.good, ...key.bad]] as const)),
    // Settings that affect the locations of Ingresses.
    fc.constantFrom(
      ...['ssl-redirect', 'force-ssl-redirect', 'service-upstream'].map((name) => [name, ['true', 'false']] as const),
    ),
    fc.constant(['global-allowed-response-headers', ['x-team', 'x-team,x-other']] as const),
    fc.constantFrom(...['proxy-set-headers', 'add-headers'].map((name) => [name, ['a/h1', 'b/h2', 'a/none']] as const)),
  )
  .chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));

const CONFIG_MAP = 'ingress-nginx/ingress-nginx-controller';

export const settingsEdit = fc.option(fc.array(setting, { maxLength: 3 }), { nil: undefined }).map((given) =>
  edit('ConfigMap', given, (world) => {
    const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
    const object = given === undefined ? undefined : { metadata, data: Object.fromEntries(given) };
    return put(world, 'ConfigMap', CONFIG_MAP, object);
  }),
);

export const classEdit = fc
  .record({
    name: fc.constantFrom('nginx', 'other'),
    controller: fc.constantFrom(undefined, 'k8s.io/ingress-nginx', 'example.com/other'),
    isDefault: fc.boolean(),
  })
  .map((given) =>
    edit('IngressClass', given, (world) => {
      const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(given.isDefault) };
      const metadata = { name: given.name, annotations };
      const object = given.controller === undefined ? undefined : { metadata, spec: { controller: given.controller } };
      return put(world, 'IngressClass', given.name, object);
    }),
  );

const claims = fc.constantFrom(...CLAIMS);

/** Adds or removes a Namespace, or changes the hosts that belong to it. */
export const namespaceEdit = fc
  .record({
    name: namespace,
    present: fc.boolean(),
    hosts: fc.option(claims, { nil: undefined }),
    key: fc.constantFrom(OWNED_HOSTS, OWNED_HOSTS, 'tidegate.dev/host'),
  })
  .map((given) =>
    edit('Namespace', given, (world) => {
      const annotations = given.hosts === undefined ? {} : { annotations: { [given.key]: given.hosts } };
      const object = given.present ? { metadata: { name: given.name, ...annotations } } : undefined;
      return put(world, 'Namespace', given.name, object);
    }),
  );

/** Changes the ConfigMap with the owners of hosts. */
export const hostPolicyEdit = fc
  .option(
    fc.record({
      data: fc.dictionary(fc.constantFrom('a', 'b', 'Not a namespace'), claims, { maxKeys: 3 }),
      binaryData: fc.constantFrom({}, {}, { c: 'YS50ZXN0/w==' }),
    }),
    { nil: undefined },
  )
  .map((given) =>
    edit('owners of hosts', given, (world) => {
      const [space = '', name = ''] = HOST_POLICY.split('/');
      const object = given === undefined ? undefined : { metadata: { namespace: space, name }, ...given };
      return put(world, 'ConfigMap', HOST_POLICY, object);
    }),
  );

/** Changes the ConfigMap of TCP services, or that of UDP services. */
export const streamServicesEdit = fc
  .record({
    map: fc.constantFrom(TCP_SERVICES, UDP_SERVICES),
    data: fc.option(
      fc.dictionary(
        fc.constantFrom('5432', '5433', '80', 'x'),
        fc.constantFrom('a/s1:80', 'a/s1:http::PROXY', 'b/s2:80:TLS=a/t1', 'a/s1:http:AFFINITY=source-ip', 'nonsense'),
      ),
      { nil: undefined },
    ),
  })
  .map((given) =>
    edit('TCP or UDP services', given, (world) => {
      const { map, data } = given;
      const [space = '', name = ''] = map.split('/');
      const object = data === undefined ? undefined : { metadata: { namespace: space, name }, data };
      return put(world, 'ConfigMap', map, object);
    }),
  );

/** Adds or removes the last good hosts of namespaces. */
export const lastGoodHostsEdit = fc
  .record({ namespaces: fc.boolean(), data: fc.option(fc.dictionary(namespace, claims), { nil: undefined }) })
  .map((given) =>
    edit('last good hosts', given, (world) => {
      const { namespaces, data = {} } = given;
      const [space = '', name = ''] = HOST_POLICY.split('/');
      const object = namespaces
        ? { metadata: {}, data: Object.fromEntries(Object.entries(data).map(([key, text]) => [`${key} `, text])) }
        : { metadata: { namespace: space, name }, data };
      const use = `host-owners ${namespaces ? 'of/namespaces' : HOST_POLICY}`;
      const before: ReadonlyMap<string, Kept> = world.overrides.lastGood ?? new Map();
      const lastGood = edited(before, use, given.data === undefined ? undefined : object) as InForce;
      return { ...world, overrides: { ...world.overrides, lastGood } };
    }),
  );

/** Changes whether the owner of a Secret or ConfigMap allows other namespaces to use it. */
export const allowFromEdit = fc
  .record({
    namespace,
    kind: fc.constantFrom('Secret' as const, 'ConfigMap' as const),
    secret: fc.constantFrom(...SECRETS),
    configMap: fc.constantFrom(...CONFIG_MAPS),
    text: fc.option(fc.constantFrom('a', 'b', '*', 'b:auth-secret, a:proxy-ssl-secret', 'A,b'), { nil: undefined }),
  })
  .map((given) =>
    edit('allow-from', given, (world) => {
      const { kind, text } = given;
      const key = `${given.namespace}/${kind === 'Secret' ? given.secret : given.configMap}`;
      const was = world.snapshot[kind].get(key);
      if (was === undefined) return world;
      const annotations = text === undefined ? {} : { annotations: { [ALLOW_FROM]: text } };
      const { annotations: _, ...metadata } = was.metadata ?? {};
      return put(world, kind, key, Object.assign({}, was, { metadata: { ...metadata, ...annotations } }));
    }),
  );

/** nginx refuses an Ingress in its current version; there may be a last good version. */
export const quarantineEdit = fc
  .record({
    namespace,
    name: fc.constantFrom(...INGRESSES),
    how: fc.constantFrom('out', 'refused', 'older'),
    older: spec,
  })
  .map((given) =>
    edit('quarantine', given, (world) => {
      const key = `${given.namespace}/${given.name}`;
      const refused = world.snapshot.Ingress.get(key);
      const lastGood =
        given.how === 'older' ? Object.assign(structuredClone(refused ?? {}), { spec: given.older }) : undefined;
      const one = given.how === 'out' || refused === undefined ? undefined : { refused, lastGood, message: 'no' };
      const { overrides } = world;
      return { ...world, overrides: { ...overrides, quarantine: edited(overrides.quarantine, key, one) } };
    }),
  );

/** nginx refuses the current value of a ConfigMap key; other values were in force before. */
function textsOf({ snapshot }: World, key: string, good: readonly (readonly [string, string])[]): SettingTexts {
  const text = snapshot.ConfigMap.get(CONFIG_MAP)?.data?.[key]?.trim() ?? '';
  return { good: new Map(good), refused: new Map([[key, { text, message: 'no' }]]) };
}

export const overrideEdit = fc
  .record({
    addresses: fc.subarray(['192.0.2.1', '192.0.2.2', '127.0.0.1']),
    known: fc.boolean(),
    refused: fc.option(setting, { nil: undefined }),
    good: fc.array(setting, { maxLength: 2 }),
  })
  .map((given) =>
    edit('overrides', given, (world) => ({
      ...world,
      overrides: {
        ...world.overrides,
        resolvedNames: given.known ? new Map([['other.test', given.addresses]]) : new Map(),
        ...(given.refused !== undefined && { settingTexts: textsOf(world, given.refused[0], given.good) }),
      },
    })),
  );
