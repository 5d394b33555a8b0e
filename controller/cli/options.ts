/** The one table of options: commander, `--help` and docs/cli.md are made from it. */
import { tmpdir } from 'node:os';
import { BOUNDS } from '../model/bounds/bounds.ts';
import { UNTIL_EXPIRY } from './keep-certificates.ts';

export type CommandName = 'up' | 'render' | 'check' | 'convert';

export interface OptionRow {
  /** As commander takes it: `--http-port <port>`. */
  readonly flag: string;
  readonly about: string;
  readonly commands: readonly CommandName[];
  readonly fallback?: string | boolean;
  readonly required?: true;
  readonly kind: 'text' | 'port' | 'switch' | 'choice' | 'object' | 'object-or-none' | 'bound' | 'ranges';
  /** Of a bound. */
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly string[];
}

/** Where NGINX's files go unless told otherwise: `/run/tidegate` for root, else a folder of the user's own. */
export function defaultRunDir(): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return '/run/tidegate';
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return runtime === undefined ? `${tmpdir()}/tidegate-${uid}` : `${runtime}/tidegate`;
}

const MODEL: readonly CommandName[] = ['up', 'render', 'check'];

export const OPTIONS: readonly OptionRow[] = [
  {
    flag: '--manifests <dir>',
    about: 'folder of Kubernetes manifests that are the cluster; followed while they change',
    commands: ['up'],
    required: true,
    kind: 'text',
  },
  {
    flag: '--http-port <port>',
    about: 'port for HTTP',
    commands: ['up', 'render', 'check'],
    fallback: '8080',
    kind: 'port',
  },
  {
    flag: '--https-port <port>',
    about: 'port for HTTPS',
    commands: ['up', 'render', 'check'],
    fallback: '8443',
    kind: 'port',
  },
  {
    flag: '--run-dir <dir>',
    about: 'folder for nginx.conf, sockets and logs (default: /run/tidegate, or one of the user)',
    commands: ['up'],
    kind: 'text',
  },
  {
    flag: '--ingress-class <name>',
    about: 'name of the class that is served',
    commands: MODEL,
    fallback: 'nginx',
    kind: 'text',
  },
  {
    flag: '--controller-class <name>',
    about: 'spec.controller of the IngressClasses that are served',
    commands: MODEL,
    fallback: 'k8s.io/ingress-nginx',
    kind: 'text',
  },
  {
    flag: '--ingress-class-by-name',
    about: 'serve the IngressClass named by --ingress-class whatever its spec.controller is',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--redirect-trailing-slash',
    about: 'answer 301 to /foo/ on /foo where a Prefix path is written /foo/, as ingress-nginx; it is served otherwise',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--strict-paths',
    about: 'rewrite-target and use-regex make regular expressions of the paths of their own Ingress only',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--isolate-namespaces',
    about: 'Ingresses change nothing about hosts and paths of other namespaces; see docs/security.md',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--strict-access',
    about: 'redirects and other answers without a backend come after address lists and authentication, not before',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--allow-addresses <ranges>',
    about:
      'comma-separated addresses or ranges that endpoints and DNS names may lead to although they are loopback, link-local, metadata services and the like',
    commands: MODEL,
    fallback: '127.0.0.0/8,::1',
    kind: 'ranges',
  },
  {
    flag: '--ignore-modsecurity',
    about: 'serve paths that ask for ModSecurity without it; they answer 503 otherwise',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--enable-ssl-passthrough',
    about: 'TLS passthrough is wanted; it is not built yet, and paths that ask for it answer 503',
    commands: MODEL,
    fallback: false,
    kind: 'switch',
  },
  {
    flag: '--watch-ingress-without-class <bool>',
    about: 'serve Ingresses that name no class',
    commands: MODEL,
    fallback: 'true',
    kind: 'choice',
    choices: ['true', 'false'],
  },
  ...Object.values(BOUNDS).map(({ flag, about, fallback, least, most }): OptionRow => ({
    flag: `--${flag} <number>`,
    about: `${about}: at most so many; see docs/bounds.md`,
    commands: MODEL,
    fallback: `${fallback}`,
    kind: 'bound',
    least,
    most,
  })),
  {
    flag: '--configmap <namespace/name>',
    about: 'ConfigMap with the settings',
    commands: MODEL,
    fallback: 'ingress-nginx/ingress-nginx-controller',
    kind: 'object',
  },
  {
    flag: '--default-backend-service <namespace/name>',
    about: 'Service for requests that no rule matches (default: a built-in 404)',
    commands: MODEL,
    kind: 'object-or-none',
  },
  {
    flag: '--default-ssl-certificate <namespace/name>',
    about: 'Secret for TLS names without a certificate (default: a self-signed one)',
    commands: MODEL,
    kind: 'object-or-none',
  },
  {
    flag: '--keep-certificates <time>',
    about:
      'how long the last good content of a Secret or ConfigMap that cannot be used any more stays in force, and the certificate of a deleted Secret: until-expiry, 0, or a time such as 36h or 7d',
    commands: ['up'],
    fallback: UNTIL_EXPIRY,
    kind: 'text',
  },
  {
    flag: '--template-dir <dir>',
    about: 'folder with nginx.conf.hbs and server.hbs in place of the built-in ones; followed by up',
    commands: MODEL,
    kind: 'text',
  },
  {
    flag: '--log-format <format>',
    about: 'text, or json: one object a line',
    commands: ['up'],
    fallback: 'text',
    kind: 'choice',
    choices: ['text', 'json'],
  },
  {
    flag: '--log-level <level>',
    about: 'error, warn, info or debug',
    commands: ['up'],
    fallback: 'info',
    kind: 'choice',
    choices: ['error', 'warn', 'info', 'debug'],
  },
  {
    flag: '-o, --output <what>',
    about: 'conf, live, problems, or json for all three; keys are left out',
    commands: ['render'],
    fallback: 'conf',
    kind: 'choice',
    choices: ['conf', 'live', 'problems', 'json'],
  },
  {
    flag: '-o, --output <format>',
    about: 'text or json',
    commands: ['check'],
    fallback: 'text',
    kind: 'choice',
    choices: ['text', 'json'],
  },
  {
    flag: '--strict',
    about: 'notices (a Service, Secret or class that is not among the manifests) count as errors',
    commands: ['check'],
    fallback: false,
    kind: 'switch',
  },
];

export const COMMANDS: Readonly<
  Record<CommandName, { readonly args: string; readonly about: string; readonly exits: readonly string[] }>
> = {
  up: {
    args: '',
    about: 'Serve the manifests through a real NGINX, and follow their changes, until Ctrl-C.',
    exits: ['0 stopped by a signal', '1 NGINX could not be started', '2 wrong usage'],
  },
  render: {
    args: '<path...>',
    about: 'Print what would be written for these manifests. NGINX is not needed.',
    exits: ['0 printed', '1 a manifest has errors (what is left is printed)', '2 wrong usage'],
  },
  check: {
    args: '<path...>',
    about: 'Say what is wrong with these manifests, by file and line; ask nginx too, where it is installed.',
    exits: ['0 clean', '1 errors', '2 wrong usage'],
  },
  convert: {
    args: '<path...>',
    about: 'Print these manifests with API versions that Kubernetes removed rewritten to networking.k8s.io/v1.',
    exits: ['0 converted', '1 a manifest has errors (it is passed on as it is)', '2 wrong usage'],
  },
};
