/** `tidegate completion`: scripts that complete commands, options, hosts and namespaces in shells. */
import path from 'node:path';
import { UsageError } from '../usage-error.ts';
import type { Arguments } from '../flag-values.ts';
import { type AskingFlags, askedController } from './controller-socket.ts';

/** A command that the scripts complete, from the table of commands. */
export interface CompletedCommand {
  readonly name: string;
  /** Whether the command is followed by the name of a host. */
  readonly takesHost: boolean;
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  readonly name: string;
  /** The one-letter form of the option. */
  readonly letter?: string;
  /** The accepted values; empty if they are not listed. */
  readonly choices: readonly string[];
}

const HOSTS = '_tidegate_names hosts';
const NAMESPACES = '_tidegate_names namespaces';
/** Commands that print the values of an option, one per line. */
const VALUES: Readonly<Record<string, string>> = { host: HOSTS, namespace: NAMESPACES };

/** A shell expression for the values of an option; undefined if they are not known. */
function valuesOf({ name, choices }: CompletedOption): string | undefined {
  const printed = VALUES[name];
  if (printed !== undefined) return `$(${printed})`;
  return choices.length === 0 ? undefined : choices.join(' ');
}

function bashCases({ name, options, takesHost }: CompletedCommand): readonly string[] {
  const ofOptions = options.flatMap((option) => {
    const values = valuesOf(option);
    if (values === undefined) return [];
    const written = [`--${option.name}`, ...(option.letter === undefined ? [] : [`-${option.letter}`])];
    return [`    ${written.map((each) => `"${name} ${each}"`).join('|')}) found="${values}" ;;`];
  });
  const names = options.map((option) => `--${option.name}`).join(' ');
  const others = takesHost
    ? `if [[ $current == -* ]]; then found="${names}"; else found="$(${HOSTS})"; fi`
    : `found="${names}"`;
  return [...ofOptions, `    "${name} "*) ${others} ;;`];
}

/** A word for bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word for fish, which interprets two escapes within single quotes. */
function quotedForFish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/**
 * The shell function that asks a controller for names: the controller of the --run-dir in the command line or, without
 * this flag, that of `runDir`.
 */
function bashNames(runDir: string): string {
  return `_tidegate_names() {
  local given=(${runDir === '' ? '' : `--run-dir ${quoted(runDir)}`}) at
  for ((at = 1; at + 1 < \${#COMP_WORDS[@]}; at++)); do
    [[ \${COMP_WORDS[at]} == --run-dir ]] || continue
    [[ \${COMP_WORDS[at+1]} == = ]] && ((at++))
    given=(--run-dir "\${COMP_WORDS[at+1]}")
  done
  tidegate completion "$1" \${given[@]+"\${given[@]}"} 2>/dev/null
}
`;
}

function fishNames(runDir: string): string {
  return `function _tidegate_names
  set -l given ${runDir === '' ? '' : `--run-dir ${quotedForFish(runDir)}`}
  set -l words (commandline -opc)
  for at in (seq (count $words))
    test "$words[$at]" = --run-dir; and set given --run-dir $words[(math $at + 1)]
    string match -q -- '--run-dir=*' "$words[$at]"; and set given $words[$at]
  end
  tidegate completion $argv[1] $given 2>/dev/null
end
`;
}

/**
 * The script for bash. Names come from tenants, so the loop reads them as lines: if they were words of a command, the
 * shell would expand a `*` in them, and `compgen -W` would even run commands in them.
 */
function bash(commands: readonly CompletedCommand[], runDir: string): string {
  const first = commands.map(({ name }) => name).join(' ');
  return `# For ~/.bashrc: source <(tidegate completion bash)
${bashNames(runDir)}_tidegate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" found="" each
  if [[ $COMP_CWORD -eq 1 ]]; then found="${first}"; else case "\${COMP_WORDS[1]} $before" in
${commands.flatMap(bashCases).join('\n')}
  esac; fi
  COMPREPLY=()
  while IFS= read -r each; do
    [[ -n $each && $each == "$current"* ]] && COMPREPLY+=("$each")
  done <<< "\${found// /$'\n'}"
}
complete -o default -F _tidegate tidegate
`;
}

function zsh(commands: readonly CompletedCommand[], runDir: string): string {
  return `#compdef tidegate
# For ~/.zshrc: source <(tidegate completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(commands, runDir)}`;
}

function fish(commands: readonly CompletedCommand[], runDir: string): string {
  const lines = commands.flatMap(({ name, options, takesHost }) => {
    const on = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c tidegate -n __fish_use_subcommand -a ${name}`,
      ...options.map((option) => {
        const letter = option.letter === undefined ? '' : ` -s ${option.letter}`;
        const values = VALUES[option.name] === undefined ? option.choices.join(' ') : `(${VALUES[option.name]})`;
        return `complete -c tidegate ${on} -l ${option.name}${letter}${values === '' ? '' : ` -x -a '${values}'`}`;
      }),
      ...(takesHost ? [`complete -c tidegate ${on} -f -a '(${HOSTS})'`] : []),
    ];
  });
  const head = '# For ~/.config/fish/config.fish: tidegate completion fish | source\n';
  return `${head}${fishNames(runDir)}${lines.join('\n')}\n`;
}

const SCRIPTS = { bash, zsh, fish } as const;
const NAMES = ['hosts', 'namespaces'] as const;

/**
 * Prints names, one per line. Prints nothing if no controller answers, because a message would disturb completion in
 * the shell.
 */
async function printNames(what: (typeof NAMES)[number], asked: AskingFlags): Promise<void> {
  const controller = await askedController(asked);
  if (typeof controller === 'string') return;
  const names = await controller.client.get('names');
  if (!names.ok) return;
  for (const name of names.value[what]) console.log(name);
}

/** `what`: the name of a shell, or `hosts` or `namespaces`. Throws UsageError for another word. */
export async function completionCommand(
  what: string,
  given: Arguments<'completion'>,
  commands: readonly CompletedCommand[],
): Promise<number> {
  const { runDir } = given;
  const shell = Object.entries(SCRIPTS).find(([name]) => name === what);
  const list = NAMES.find((name) => name === what);
  if (shell !== undefined) process.stdout.write(shell[1](commands, runDir === '' ? '' : path.resolve(runDir)));
  else if (list !== undefined) await printNames(list, given);
  else {
    const accepted = [...Object.keys(SCRIPTS), ...NAMES].join(', ');
    throw new UsageError(`completion: ${JSON.stringify(what)} is not one of ${accepted}`);
  }
  return 0;
}
