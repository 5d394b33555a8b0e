/** Flags whose values the model uses unchanged. Each row of `MODEL_FLAGS` becomes a property of `BuildOptions`. */
import { BUILDING, camelCase, flag, type FlagValues } from '../../types/flag.ts';

/** Default of --annotations-prefix: the part of every annotation's name before the slash. */
export const DEFAULT_PREFIX = 'nginx.ingress.kubernetes.io';

const MODEL = { commands: BUILDING } as const;

export const MODEL_FLAGS = [
  flag(
    'ingress-class',
    'text',
    'nginx',
    'serve Ingresses whose legacy annotation kubernetes.io/ingress.class has this value',
    {
      ...MODEL,
      word: 'name',
    },
  ),
  flag(
    'controller-class',
    'text',
    'k8s.io/ingress-nginx',
    'serve the IngressClasses whose spec.controller has this value',
    {
      ...MODEL,
      word: 'name',
    },
  ),
  flag(
    'ingress-class-by-name',
    'bool',
    'false',
    'serve the IngressClass named by --ingress-class whatever its spec.controller is',
    MODEL,
  ),
  flag('watch-ingress-without-class', 'bool', 'false', 'serve Ingresses without a class', {
    ...MODEL,
    byHand: 'true',
  }),
  flag('annotations-prefix', 'text', DEFAULT_PREFIX, 'the part of annotation names before the slash', {
    ...MODEL,
    word: 'prefix',
  }),
  flag('disable-catch-all', 'bool', 'false', 'ignore Ingresses with spec.defaultBackend', MODEL),
  flag(
    'strict-paths',
    'bool',
    'false',
    'rewrite-target and use-regex turn only the paths of their own Ingress into regular expressions, not those of ' +
      'the whole host',
    MODEL,
  ),
  flag(
    'isolate-namespaces',
    'bool',
    'false',
    'Ingresses cannot change hosts and paths of other namespaces; the chart sets this flag, see docs/security.md',
    MODEL,
  ),
  flag(
    'host-ownership',
    'choice',
    'off',
    'what decides which namespace may use which host. off: every namespace may use every host; namespaces: the ' +
      'annotation tidegate.dev/hosts of Namespaces; configmap: the ConfigMap of --host-policy-configmap; see ' +
      'docs/tenants.md',
    { ...MODEL, word: 'source', choices: ['off', 'namespaces', 'configmap'] },
  ),
  flag(
    'wildcard-certificates-namespace',
    'text',
    '',
    'namespace whose Secrets of type kubernetes.io/tls are used for hosts with spec.tls but without a usable ' +
      'certificate of their own, if a name in the certificate, exact or wildcard, matches; see docs/tenants.md',
    { ...MODEL, word: 'namespace' },
  ),
  flag(
    'certificate-warning-days',
    'number',
    '14',
    'report each certificate in use that expires within this many days; 0: report it only once it has expired',
    MODEL,
  ),
  flag(
    'ignore-modsecurity',
    'bool',
    'false',
    'serve paths even if they ask for ModSecurity, which is not supported yet; by default, such paths answer 503',
    MODEL,
  ),
] as const;

/** Values of the model's flags, by the camel-case names of the flags. */
export type ModelFlags = FlagValues<(typeof MODEL_FLAGS)[number], 'controller'>;

export const DEFAULT_MODEL_FLAGS = Object.fromEntries(
  MODEL_FLAGS.map(({ name, type, fallback }) => [
    camelCase(name),
    type === 'bool' ? fallback === 'true' : type === 'number' ? Number(fallback) : fallback,
  ]),
) as ModelFlags;

const NAMES: ReadonlySet<string> = new Set(MODEL_FLAGS.map(({ name }) => camelCase(name)));

/** Picks the model's flags from all flags of a command. */
export function modelFlagsOf(given: ModelFlags): ModelFlags {
  return Object.fromEntries(Object.entries(given).filter(([name]) => NAMES.has(name))) as ModelFlags;
}
