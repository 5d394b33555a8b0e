/** Asks the controller, and prints the answer once or repeatedly. */
import { stringify } from 'yaml';
import type { InspectionClient, Reached } from '../../inspect/client/client.ts';
import { pause } from '../../time/pause.ts';
import { untilSignal } from '../until-signal.ts';
import { type AskingFlags, askOnce } from './controller-socket.ts';
import { type Screen, standardScreen } from './screen.ts';

export type OutputFormat = 'table' | 'json' | 'yaml';

export interface ShowOptions extends AskingFlags {
  readonly output: OutputFormat;
  readonly watch: boolean;
}

export interface Shown<T> {
  readonly ask: (client: InspectionClient) => Promise<Reached<T>>;
  /** The answer as text for people. */
  readonly text: (answer: T, screen: Screen) => string;
  /** The exit code for an answer; 0 by default. */
  readonly code?: (answer: T) => number;
}

const EVERY_MS = 2000;
const CLEAR = '\u001b[H\u001b[2J';

/** The answer in the chosen format, with a line break at its end. */
export function formatted<T>(answer: T, output: OutputFormat, text: () => string): string {
  switch (output) {
    case 'table':
      return `${text().trimEnd()}\n`;
    case 'json':
      return `${JSON.stringify(answer, null, 2)}\n`;
    case 'yaml':
      return stringify(answer, { aliasDuplicateObjects: false });
  }
}

/** Returns the exit code: 1 if no controller answers. With --watch, asks repeatedly until a signal arrives. */
export async function show<T>(given: ShowOptions, shown: Shown<T>): Promise<number> {
  if (!given.watch) return showOnce(given, shown, (text) => process.stdout.write(text));
  const stopping = new AbortController();
  void untilSignal(['SIGINT', 'SIGTERM']).then(() => stopping.abort());
  let [code, before] = [0, ''];
  while (!stopping.signal.aborted) {
    code = await showOnce(given, shown, (text) => {
      if (text === before) return;
      const separator = given.output === 'yaml' && before !== '' ? '---\n' : '';
      process.stdout.write(process.stdout.isTTY ? `${CLEAR}${text}` : `${separator}${text}`);
      before = text;
    });
    await pause(EVERY_MS, stopping.signal);
  }
  return code;
}

async function showOnce<T>(
  given: ShowOptions,
  { ask, text, code }: Shown<T>,
  print: (text: string) => void,
): Promise<number> {
  const answer = await askOnce(given, ask);
  if (answer === undefined) return 1;
  const { value } = answer;
  print(formatted(value, given.output, () => text(value, standardScreen())));
  return code?.(value) ?? 0;
}
