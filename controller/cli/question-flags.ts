/** Flags of `tidegate explain` and `tidegate ui`, and of the commands that ask a running controller. */
import { ASKING, flag } from '../types/flag.ts';

const EXPLAIN = { commands: ['explain'] } as const;
const ASKED = { commands: [...ASKING, 'explain', 'ui'] } as const;
const UI = { commands: ['ui'] } as const;
const LISTING = { commands: ['routes', 'backends', 'certs', 'problems'] } as const;

export const EXPLAIN_FLAGS = [
  flag('method', 'text', 'GET', 'method of the request', EXPLAIN),
  flag('header', 'text', '', 'header of the request, as "Name: value"; may be given several times', {
    ...EXPLAIN,
    letter: 'H',
    word: 'header',
    repeats: true,
  }),
  flag('from', 'text', '', 'address from which the client connects; without it, rules by address are undecided', {
    ...EXPLAIN,
    word: 'address',
  }),
  flag(
    'client-cert',
    'text',
    '',
    'subject of the client certificate, such as CN=alice; the certificate counts as valid',
    {
      ...EXPLAIN,
      word: 'subject',
    },
  ),
  flag('output', 'choice', 'text', 'format of the explanation: text or json', {
    ...EXPLAIN,
    letter: 'o',
    word: 'format',
    choices: ['text', 'json'],
  }),
] as const;

export const UI_FLAGS = [
  flag('port', 'number', '0', 'port on 127.0.0.1 where the page is served; with 0, any free port', {
    ...UI,
    range: [0, 65_535],
  }),
  flag('open', 'bool', 'true', 'open the page in a browser, if there is a display', UI),
] as const;

export const ASKING_FLAGS = [
  flag(
    'run-dir',
    'text',
    '',
    'run directory of the controller to ask. Without this flag, the default of `tidegate up` is tried first, then /run/tidegate',
    { ...ASKED, word: 'dir' },
  ),
  flag(
    'deployment',
    'object',
    '',
    'ask a ready Pod of this Deployment (namespace/name) over the Kubernetes API, as kubectl port-forward does; the ' +
      'controller needs --inspection-port',
    { ...ASKED, word: 'namespace/name' },
  ),
  flag('pod', 'object', '', 'ask this Pod (namespace/name) over the Kubernetes API', {
    ...ASKED,
    word: 'namespace/name',
  }),
  flag(
    'kubeconfig',
    'text',
    '',
    'kubeconfig file for --deployment and --pod; without it, KUBECONFIG, ~/.kube/config, or the service account of this Pod',
    { ...ASKED, word: 'file' },
  ),
  flag('context', 'text', '', 'context of the kubeconfig; without it, the current one', { ...ASKED, word: 'name' }),
  flag('output', 'choice', 'table', 'format: table, json or yaml', {
    commands: ['status', 'routes', 'backends', 'certs', 'conf', 'problems', 'changes'],
    letter: 'o',
    word: 'format',
    choices: ['table', 'json', 'yaml'],
  }),
  flag('watch', 'bool', 'false', 'ask again every two seconds, until Ctrl-C', {
    commands: ['status', 'routes', 'backends', 'certs', 'conf', 'problems'],
    letter: 'w',
  }),
  flag('host', 'text', '', 'only what belongs to the host that serves this name', { ...LISTING, word: 'name' }),
  flag('namespace', 'text', '', 'only what belongs to objects of this namespace', {
    ...LISTING,
    letter: 'n',
    word: 'name',
  }),
  flag('solved', 'bool', 'false', 'list the Problems that were solved in the last 24 hours', {
    commands: ['problems'],
  }),
] as const;
