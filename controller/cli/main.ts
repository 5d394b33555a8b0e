/** Runs the command that the first argument names. */
import { Command, CommanderError } from 'commander';
import { UsageError } from './usage-error.ts';
import { addOptions, type CommandName, COMMANDS, completedCommands, readOptions, writtenFlags } from './commands.ts';
import { version } from './version.ts';

type Paths = readonly string[];
type Options = Readonly<Record<string, unknown>>;

type Run = (paths: Paths, options: Options, command: Command) => Promise<number>;

/** The function of each interactive command, which returns an exit code. Its module is loaded on demand. */
const RUN: Readonly<Record<CommandName, Run>> = {
  up: async (_, options) => (await import('./up.ts')).up(readOptions('up', options)),
  render: async (paths, options) => (await import('./render.ts')).renderCommand(paths, readOptions('render', options)),
  explain: async ([url, ...paths], options) =>
    (await import('./explain.ts')).explainCommand(url, paths, readOptions('explain', options)),
  check: async (paths, options) =>
    (await import('./check/check.ts')).check(paths, readOptions('check', options), await version()),
  migrate: async (paths, options, command) =>
    (await import('./migrate/migrate.ts')).migrateCommand(paths, {
      options,
      written: writtenFlags(command, 'migrate'),
      version: await version(),
    }),
  convert: async (paths) => (await import('./convert.ts')).convert(paths),
  status: async (_, options) => (await import('./ask/status.ts')).statusCommand(readOptions('status', options)),
  routes: async (_, options) => (await import('./ask/lists.ts')).routesCommand(readOptions('routes', options)),
  backends: async (_, options) => (await import('./ask/lists.ts')).backendsCommand(readOptions('backends', options)),
  certs: async (_, options) => (await import('./ask/lists.ts')).certsCommand(readOptions('certs', options)),
  conf: async ([host = ''], options) => (await import('./ask/conf.ts')).confCommand(host, readOptions('conf', options)),
  problems: async (_, options) => (await import('./ask/lists.ts')).problemsCommand(readOptions('problems', options)),
  changes: async (_, options) => (await import('./ask/changes.ts')).changesCommand(readOptions('changes', options)),
  logs: async (_, options) => (await import('./ask/logs.ts')).logsCommand(readOptions('logs', options)),
  ui: async (paths, options) => (await import('./ui/ui.ts')).uiCommand(paths, readOptions('ui', options)),
  completion: async ([shell = ''], options) =>
    (await import('./ask/completion.ts')).completionCommand(
      shell,
      readOptions('completion', options),
      completedCommands(),
    ),
};

/** Runs a command that takes the flags of ingress-nginx. Commander would parse these flags differently. */
async function clusterCommand(name: 'controller' | 'clear-status', argv: readonly string[]): Promise<number> {
  const { parseFlags, flagHelp } = await import('./flag-parser.ts');
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(flagHelp());
    return 0;
  }
  const parsed = parseFlags(argv);
  if ('error' in parsed) {
    console.error(`error: ${parsed.error}`);
    return 2;
  }
  if (parsed.flags.version) {
    console.log(await version());
    return 0;
  }
  if (name === 'clear-status') return (await import('./cluster/clear-status.ts')).clearStatus(parsed.flags);
  return (await import('./cluster/run.ts')).runController(parsed, await version());
}

/**
 * Ends the process when the reader of its output has closed the pipe, with the exit status of a program that SIGPIPE
 * ends.
 */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
}

/** A command that serves goes on when nobody reads its log anymore. */
function goOn(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Whether the command serves traffic or the web page, instead of printing something and ending. */
function serves(argv: readonly string[]): boolean {
  const [command = ''] = argv;
  return (
    ['up', 'controller', 'ui'].includes(command) && !argv.some((each) => ['--help', '-h', '--version'].includes(each))
  );
}

/** Runs one command and returns its exit code. COMMANDS documents the codes; 2 means wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', serves(argv) ? goOn : endWithReader);
  try {
    return await run(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`error: ${error.message}`);
    return 2;
  }
}

async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  if (argv[0] === 'controller' || argv[0] === 'clear-status') return clusterCommand(argv[0], argv.slice(1));
  const program = new Command('tidegate')
    .description('Kubernetes ingress controller on stock NGINX')
    .version(await version())
    .exitOverride()
    .showSuggestionAfterError();
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    const { about, args, exits } = COMMANDS[name];
    const command = addOptions(program.command(`${name} ${args}`.trim()).description(about), name);
    command.addHelpText('after', `\nExit codes: ${exits.join('; ')}`).exitOverride();
    command.action(async (...given: unknown[]) => {
      // The last two arguments are the options and the command itself. An optional argument may be undefined.
      const paths = given
        .slice(0, -2)
        .flat()
        .filter((each) => each !== undefined) as string[];
      code = await RUN[name](paths, command.opts(), command);
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
