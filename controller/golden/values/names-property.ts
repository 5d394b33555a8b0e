/**
 * Hostile text in the fields of objects that are not annotations: names, namespaces, UIDs, labels, hosts, paths, ports,
 * classes, endpoints. nginx accepts the result, which has no other directives than a cluster with harmless text, and
 * the server blocks of other hosts stay as they are.
 */
import type { V1Ingress, V1IngressClass, V1Service } from '@kubernetes/client-node';
import { DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { parseConf } from '../../types/tokenizer.ts';
import { directiveNames } from '../directive-names.ts';
import { emptyWorld } from '../incremental/world.ts';
import type { Judge } from './nginx.ts';
import { type Random, randomOf } from './random.ts';
import { refusals } from './refusals.ts';
import { randomText } from './texts.ts';

export interface NamesTally {
  /** Number of hostile texts. */
  texts: number;
  /** Number of `nginx -t` runs. */
  tests: number;
  /** nginx's messages, each with the objects that it refused. */
  readonly refused: string[];
  /** Directives that a cluster with harmless text does not have, and changes of other hosts. */
  readonly changed: Set<string>;
}

export function newNamesTally(): NamesTally {
  return { texts: 0, tests: 0, refused: [], changed: new Set() };
}

/** Valid texts of each field, on which the random ones are based. */
const EXAMPLES = {
  name: ['web', 'shop-web', 'a.b'],
  namespace: ['shop', 'team-a'],
  uid: ['5f0f2f0e-6f0a-4f0b-9c0d-0e1f2a3b4c5d'],
  label: ['app.kubernetes.io/name', 'web', 'v1.2'],
  host: ['www.example.com', '*.example.com', 'xn--e1afmkfd.example'],
  path: ['/', '/api', '/api(/|$)(.*)', '/a/b.c'],
  pathType: ['Prefix', 'Exact', 'ImplementationSpecific'],
  service: ['web', 'api-v2'],
  port: ['http', '8080'],
  class: ['nginx', 'internal'],
  address: ['10.0.0.7', 'fd00::7'],
  secretName: ['web-tls', 'shop/web-tls'],
  key: ['rewrite-target', 'app-root', 'canary-weight'],
} as const;

/** What people try in order to end a word, a directive, a comment, a string or a block. */
const BREAKERS = [
  '";} location /evil { return 418; } #',
  "'; return 418; '",
  '\n}\nserver { listen 1; }\n#',
  '\r\nreturn 418;',
  '{{{x}}}',
  '${tidegate_route}',
  '\\"; return 418; #',
  ']]; os.execute() --[[',
  '\0return 418;',
  '# \u2028 return 418;',
  '../../../etc/passwd',
];

type Field = keyof typeof EXAMPLES;

/** An Ingress with everything that belongs to it. */
interface Made {
  readonly ingress: V1Ingress;
  readonly service: V1Service;
  readonly slice: KeptSlice;
  readonly ingressClass: V1IngressClass;
}

/** `hostile`: which fraction of the texts is hostile. `count` is called for each hostile text. */
function randomMade(random: Random, index: number, hostile: number, count: () => void): Made {
  const text = (field: Field): string => {
    const good = EXAMPLES[field];
    if (!random.chance(hostile)) return random.pick(good);
    count();
    const bad = random.pick(BREAKERS);
    if (random.chance(0.4)) return random.pick([bad, random.pick(good) + bad, bad + random.pick(good)]);
    return randomText(random, { good, bad: BREAKERS });
  };
  const [namespace, name, serviceName] = [text('namespace'), `${text('name')}${index}`, text('service')];
  const labels = { [text('label')]: text('label') };
  const metadata = { namespace, name, uid: text('uid'), labels };
  const port = random.chance(0.5) ? { number: 80 } : { name: text('port') };
  const backend = { service: { name: serviceName, port } };
  const paths = Array.from({ length: 1 + random.below(3) }, () => ({
    path: text('path'),
    pathType: text('pathType'),
    backend,
  }));
  const host = random.chance(0.5) ? `h${index}.example.com` : text('host');
  const annotations = {
    ...(random.chance(0.5) && { [`${DEFAULT_PREFIX}/use-regex`]: 'true' }),
    ...(random.chance(0.3) && { [`${DEFAULT_PREFIX}/${text('key')}`]: text('name') }),
    ...(random.chance(0.2) && { [text('label')]: text('label') }),
  };
  return {
    ingress: {
      metadata: { ...metadata, annotations },
      spec: {
        ...(random.chance(0.3) && { ingressClassName: text('class') }),
        ...(random.chance(0.2) && { defaultBackend: backend }),
        rules: [{ host, http: { paths } }],
        ...(random.chance(0.5) && { tls: [{ hosts: [host, text('host')], secretName: text('secretName') }] }),
      },
    },
    service: {
      metadata: { namespace, name: serviceName, labels, annotations: { [text('label')]: text('label') } },
      spec: {
        ...(random.chance(0.2) && { type: 'ExternalName', externalName: text('host') }),
        ports: [{ port: 80, name: text('port'), targetPort: text('port') }],
      },
    },
    slice: {
      metadata: { namespace, name: text('name'), labels: { 'kubernetes.io/service-name': serviceName } },
      addressType: 'IPv4',
      endpoints: [text('address'), text('address')],
      ports: [{ name: text('port'), port: 8080, protocol: 'TCP' }],
    },
    ingressClass: {
      metadata: { name: text('class'), labels },
      spec: { controller: random.chance(0.5) ? 'k8s.io/ingress-nginx' : text('name') },
    },
  };
}

const NEIGHBOUR: V1Ingress = {
  metadata: { namespace: 'neighbour', name: 'neighbour', creationTimestamp: new Date(0) },
  spec: {
    rules: [
      {
        host: 'neighbour.test',
        http: {
          paths: [{ path: '/n', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

function snapshotFor(all: readonly Made[]): Snapshot {
  const keyed = <T extends { metadata?: { namespace?: string; name?: string } }>(objects: readonly T[]) =>
    objects.map((each) => [`${each.metadata?.namespace ?? ''}/${each.metadata?.name ?? ''}`, each] as const);
  const slices = all.map(({ service, slice }) => [
    `${service.metadata?.namespace}/${service.metadata?.name}`,
    [slice] as readonly KeptSlice[],
  ]);
  return {
    ...emptySnapshot(),
    Ingress: new Map(keyed([...all.map(({ ingress }) => ingress), NEIGHBOUR])),
    Service: new Map(keyed(all.map(({ service }) => service))),
    slicesOfService: new Map(slices as [string, readonly KeptSlice[]][]),
    IngressClass: new Map(all.map(({ ingressClass }) => [ingressClass.metadata?.name ?? '', ingressClass])),
  };
}

function neighbourIn(conf: string): string {
  const at = conf.indexOf('server_name "neighbour.test"');
  return conf.slice(conf.lastIndexOf('    server {', at), conf.indexOf('\n    }\n', at));
}

let expected: { readonly names: ReadonlySet<string>; readonly neighbour: string } | undefined;

/** The directives of a cluster with harmless text of every kind, and the server block of the neighbour. */
function harmless(judge: Judge): NonNullable<typeof expected> {
  if (expected !== undefined) return expected;
  const random = randomOf(1);
  const all = Array.from({ length: 200 }, (_, index) => randomMade(random, index, 0, () => undefined));
  const { conf } = judge.newBuild()(snapshotFor(all), emptyWorld().overrides).artifact;
  expected = { names: directiveNames(parseConf(conf)), neighbour: neighbourIn(conf) };
  return expected;
}

/** Builds one nginx.conf for `size` Ingresses. An exception in a build is thrown, not recorded. */
export async function tryNames(judge: Judge, seed: number, size: number, tally: NamesTally): Promise<void> {
  const random = randomOf(seed);
  const all = Array.from({ length: size }, (_, index) =>
    randomMade(random, index, random.pick([0.1, 0.5]), () => (tally.texts += 1)),
  );
  const build = (some: readonly Made[]) => judge.newBuild()(snapshotFor(some), emptyWorld().overrides).artifact;
  const whole = build(all);
  const { names, neighbour } = harmless(judge);
  for (const name of directiveNames(parseConf(whole.conf)))
    if (!names.has(name)) tally.changed.add(`seed ${seed}: ${name}`);
  if (neighbourIn(whole.conf) !== neighbour) tally.changed.add(`seed ${seed}: the neighbour's server block differs`);
  for (const value of whole.live.values())
    if (/[\n\r\0]/.test(value)) tally.changed.add(`seed ${seed}: live data: ${JSON.stringify(value.slice(0, 200))}`);
  const found = await refusals(all, async (some) => {
    tally.tests += 1;
    return judge.test(some === all ? whole : build(some));
  });
  for (const { items, message } of found)
    tally.refused.push(`seed ${seed}: ${message}: ${JSON.stringify(items.slice(0, 2)).slice(0, 3000)}`);
}
