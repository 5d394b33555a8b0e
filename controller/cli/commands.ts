/** The interactive commands: their texts in `--help` and docs/commands.md, and their options for commander. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CompletedCommand } from './ask/completion.ts';
import { camelCase, type Command as FlagCommand, type FlagRow } from '../types/flag.ts';
import { type Arguments, argumentsOf, flagFault } from './flag-values.ts';
import { flagsOf } from './flags.ts';
import { DUMP_COMMAND } from './migrate/dump.ts';

interface Description {
  readonly args: string;
  readonly about: string;
  readonly exits: readonly string[];
}

const ANSWERED = ['0 printed', '1 no controller answers', '2 wrong usage'] as const;

export const COMMANDS = {
  up: {
    args: '',
    about: 'Serve the manifests through a real NGINX until Ctrl-C. Edits to the manifests take effect at once.',
    exits: ['0 stopped by a signal', '1 NGINX could not be started', '2 wrong usage'],
  },
  render: {
    args: '<path...>',
    about: 'Print the NGINX configuration for these manifests. NGINX need not be installed.',
    exits: ['0 printed', '1 a manifest has errors (the rest is printed)', '2 wrong usage'],
  },
  check: {
    args: '<path...>',
    about:
      'Report what is wrong with these manifests, by file and line. `-` is standard input. Other files of a ' +
      'repository are skipped. If NGINX is installed, also run nginx -t. docs/check.md has examples.',
    exits: ['0 clean', '1 errors', '2 wrong usage'],
  },
  migrate: {
    args: '[path...]',
    about:
      'Report what would differ if Tidegate replaced ingress-nginx, for each Ingress and key, and convert the settings of ' +
      'the old installation. Without a path, a cluster is read over the Kubernetes API, with GET requests only: of ' +
      'Secrets only the names. With paths, a dump is read; `-` is standard input. To make a dump: ' +
      `\`${DUMP_COMMAND}\`. docs/migrating.md has examples.`,
    exits: [
      '0 nothing differs',
      '1 the objects cannot be read',
      '2 wrong usage',
      '3 at least one Ingress differs',
      '4 at least one Ingress would be closed: a path would not be served, or would answer 503',
    ],
  },
  explain: {
    args: '<url> [path...]',
    about:
      'Print what happens to one request: host, path, redirects, access, canaries and backend, and where each setting ' +
      'comes from. Without a path, a running controller is asked; with paths of manifests, NGINX need not be ' +
      'installed. docs/explain.md has examples.',
    exits: [
      '0 explained',
      '1 a manifest has errors, so that objects are missing (the rest is explained), or no controller answers',
      '2 wrong usage',
    ],
  },
  convert: {
    args: '<path...>',
    about: 'Print these manifests with removed API versions rewritten to networking.k8s.io/v1.',
    exits: ['0 converted', '1 a manifest has errors (that manifest is printed unchanged)', '2 wrong usage'],
  },
  status: {
    args: '',
    about: 'Say whether a running controller and its NGINX are healthy, which Problems there are, and since when.',
    exits: ['0 healthy or degraded', '1 unhealthy, or no controller answers', '2 wrong usage'],
  },
  routes: {
    args: '',
    about: 'List where each path of each host leads, in a running controller.',
    exits: ANSWERED,
  },
  backends: {
    args: '',
    about: 'List the endpoints of each Service port, and say which of them a worker of NGINX leaves out.',
    exits: ANSWERED,
  },
  certs: {
    args: '',
    about: 'List the certificates that NGINX serves, in the order in which they expire.',
    exits: ANSWERED,
  },
  conf: {
    args: '<host>',
    about: 'Print the server block of nginx.conf that serves this name.',
    exits: ANSWERED,
  },
  problems: {
    args: '',
    about: 'List what is wrong with objects, and since when; with --solved, what was wrong recently.',
    exits: ANSWERED,
  },
  changes: {
    args: '',
    about: 'Print each change that is applied to NGINX, and each Problem that appears or is solved, until Ctrl-C.',
    exits: ['0 stopped by a signal', '1 no controller answers, or the controller ended', '2 wrong usage'],
  },
  logs: {
    args: '',
    about: "Print where NGINX's logs are and, if they are files, their new lines, until Ctrl-C.",
    exits: ['0 stopped by a signal, or no log is a file', '1 no controller answers', '2 wrong usage'],
  },
  ui: {
    args: '[path...]',
    about:
      'Show a running controller in a browser: hosts, paths, endpoints, certificates, Problems, changes and explanations ' +
      '(docs/ui.md). The page is served on 127.0.0.1 until Ctrl-C. With paths of manifests, it shows what these would ' +
      'result in, and follows edits; NGINX need not be installed.',
    exits: ['0 stopped by a signal', '1 no controller answers, or the port is in use', '2 wrong usage'],
  },
  completion: {
    args: '<shell>',
    about:
      'Print a script for bash, zsh or fish that completes commands, options and names. The scripts call this command ' +
      'with `hosts` or `namespaces` instead of a shell to get these names.',
    exits: ['0 printed', '2 wrong usage'],
  },
} as const satisfies Readonly<Record<string, Description>>;

export type CommandName = keyof typeof COMMANDS;

const WORDS: Readonly<Record<FlagRow['type'], string>> = {
  text: 'text',
  choice: 'word',
  bool: 'bool',
  number: 'number',
  duration: 'duration',
  object: 'namespace/name',
  port: 'port',
  ranges: 'ranges',
  buckets: 'numbers',
};

/**
 * Whether a flag has no value on the command line. A bool that defaults to true needs the value false to be turned off.
 */
function standsAlone({ type, fallback }: FlagRow): boolean {
  return type === 'bool' && fallback !== 'true';
}

/** A flag in commander's notation, such as `--http-port <port>`. */
export function usage(row: FlagRow): string {
  const name = `${row.letter === undefined ? '' : `-${row.letter}, `}--${row.name}`;
  return standsAlone(row) ? name : `${name} <${row.word ?? WORDS[row.type]}>`;
}

/** The rows of the flags that a command accepts. */
export function rowsOf(command: CommandName): readonly FlagRow[] {
  return command === 'convert' ? [] : flagsOf(command);
}

function toOption(row: FlagRow): Option {
  const option = new Option(usage(row), row.about);
  const { choices = row.type === 'bool' ? ['true', 'false'] : undefined } = row;
  if (row.required === true) option.makeOptionMandatory();
  if (standsAlone(row)) return option;
  if (row.repeats === true)
    return option.argParser((text: string, before: string | undefined) => [before, text].filter(Boolean).join('\n'));
  if (choices !== undefined) option.choices(choices);
  else
    option.argParser((text: string) => {
      const fault = flagFault(row, text);
      if (fault !== undefined)
        throw new InvalidArgumentError(`It is ${fault.what}; write, for example, ${fault.example}`);
      return text;
    });
  return row.fallback === '' ? option : option.default(row.fallback, row.fallback);
}

export function addOptions(command: Command, name: CommandName): Command {
  for (const row of rowsOf(name)) command.addOption(toOption(row));
  return command;
}

/** The names of the flags that are written on the command line. */
export function writtenFlags(command: Command, name: FlagCommand): ReadonlySet<string> {
  const written = flagsOf(name).filter((row) => command.getOptionValueSource(camelCase(row.name)) === 'cli');
  return new Set(written.map((row) => row.name));
}

/** Converts the options that commander parsed to the arguments of a command. */
export function readOptions<C extends FlagCommand>(name: C, options: Readonly<Record<string, unknown>>): Arguments<C> {
  const given = flagsOf(name).flatMap((row) => {
    const value = options[camelCase(row.name)];
    if (value === true) return [[row.name, 'true'] as const];
    return typeof value === 'string' ? [[row.name, value] as const] : [];
  });
  return argumentsOf(name, new Map(given));
}

/** The commands and options that the scripts for shells complete. */
export function completedCommands(): readonly CompletedCommand[] {
  return (Object.keys(COMMANDS) as CommandName[]).map((name) => ({
    name,
    takesHost: name === 'conf',
    options: rowsOf(name).map((row) => ({
      name: row.name,
      ...(row.letter !== undefined && { letter: row.letter }),
      choices: row.choices ?? [],
    })),
  }));
}
