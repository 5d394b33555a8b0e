/** `tidegate …` */
import { Command, CommanderError } from 'commander';
import { readFile } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';
import { addOptions, type CommandName, COMMANDS, readOptions } from './commands.ts';

type Paths = readonly string[];
type Options = Readonly<Record<string, unknown>>;

/** Each command's function, which returns an exit code. Loaded on demand. */
const RUN: Readonly<Record<CommandName, (paths: Paths, options: Options) => Promise<number>>> = {
  up: async (_, options) => (await import('./up.ts')).up(readOptions('up', options)),
  render: async (paths, options) => (await import('./render.ts')).renderCommand(paths, readOptions('render', options)),
  check: async (paths, options) => (await import('./check.ts')).check(paths, readOptions('check', options)),
  convert: async (paths) => (await import('./convert.ts')).convert(paths),
};

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Cluster commands take the flags of ingress-nginx, which commander would read differently. */
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

/** As a program that does not catch SIGPIPE: whoever reads the output has seen enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
}

/** Runs one command. Exit codes are those of COMMANDS; 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  // What runs NGINX must not end because nobody reads its log.
  if (argv[0] !== 'up' && argv[0] !== 'controller') process.stdout.on('error', endWithReader);
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
      const paths = args === '' ? [] : (given[0] as string[]);
      code = await RUN[name](paths, command.opts());
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
