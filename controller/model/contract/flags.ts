/** Flags that the model takes as they are. A new one is a row here, and a property of `BuildOptions` by that. */
import { BUILDING, camelCase, flag, type FlagValues } from '../../types/flag.ts';

/** What every name of an annotation begins with, unless --annotations-prefix says otherwise; without the slash. */
export const DEFAULT_PREFIX = 'nginx.ingress.kubernetes.io';

const MODEL = { commands: BUILDING } as const;

export const MODEL_FLAGS = [
  flag('ingress-class', 'text', 'nginx', 'value of the legacy annotation kubernetes.io/ingress.class that is served', {
    ...MODEL,
    word: 'name',
  }),
  flag('controller-class', 'text', 'k8s.io/ingress-nginx', 'spec.controller of the IngressClasses that are served', {
    ...MODEL,
    word: 'name',
  }),
  flag(
    'ingress-class-by-name',
    'bool',
    'false',
    'serve the IngressClass named by --ingress-class whatever its spec.controller is',
    MODEL,
  ),
  flag('watch-ingress-without-class', 'bool', 'false', 'serve Ingresses that name no class', {
    ...MODEL,
    byHand: 'true',
  }),
  flag('annotations-prefix', 'text', DEFAULT_PREFIX, 'what the names of annotations begin with', {
    ...MODEL,
    word: 'prefix',
  }),
  flag('disable-catch-all', 'bool', 'false', 'leave out Ingresses with spec.defaultBackend', MODEL),
  flag(
    'strict-paths',
    'bool',
    'false',
    'rewrite-target and use-regex make regular expressions of the paths of their own Ingress only, not of the whole host',
    MODEL,
  ),
  flag(
    'isolate-namespaces',
    'bool',
    'false',
    'Ingresses change nothing about hosts and paths of other namespaces; the chart sets it, see docs/security.md',
    MODEL,
  ),
  flag(
    'ignore-modsecurity',
    'bool',
    'false',
    'serve paths that ask for ModSecurity without it: it is not built yet, and they answer 503 otherwise',
    MODEL,
  ),
] as const;

/** Values by the names of the flags in camel case. */
export type ModelFlags = FlagValues<(typeof MODEL_FLAGS)[number], 'controller'>;

export const DEFAULT_MODEL_FLAGS = Object.fromEntries(
  MODEL_FLAGS.map(({ name, type, fallback }) => [camelCase(name), type === 'bool' ? fallback === 'true' : fallback]),
) as ModelFlags;

const NAMES: ReadonlySet<string> = new Set(MODEL_FLAGS.map(({ name }) => camelCase(name)));

/** Those of a command's flags that are the model's. */
export function modelFlagsOf(given: ModelFlags): ModelFlags {
  return Object.fromEntries(Object.entries(given).filter(([name]) => NAMES.has(name))) as ModelFlags;
}
