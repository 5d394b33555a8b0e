/** `tidegate changes`: prints Outcomes and changes to Problems as they happen, until Ctrl-C. */
import type { ChangeEvent } from '../../inspect/schema/changes.ts';
import type { Arguments } from '../flag-values.ts';
import { untilSignal } from '../until-signal.ts';
import { askOnce } from './controller-socket.ts';
import { printable } from '../../types/printable.ts';
import { type Screen, standardScreen } from './screen.ts';
import { formatted } from './show.ts';
import { outcomeText } from './status.ts';

/** One line for an event: `03:21:52 reload: …`. Times are in UTC. */
export function changeText(event: ChangeEvent, { tone }: Screen): string {
  const at = (time: string) => tone('dim', time.slice(11, 19));
  switch (event.type) {
    case 'hello':
      return `${at(event.at)} watching; Ctrl-C ends`;
    case 'outcome': {
      const { kind } = event.outcome;
      const text = outcomeText(event.outcome);
      return `${at(event.outcome.at)} ${kind === 'failed' || kind === 'refused' ? tone('red', text) : text}`;
    }
    case 'problem': {
      const { since, solved, severity, text } = event.problem;
      if (solved !== null) return `${at(solved)} ${tone('green', 'solved')}: ${printable(text)}`;
      return `${at(since)} ${tone(severity === 'error' ? 'red' : 'yellow', severity)}: ${printable(text)}`;
    }
    case 'more':
      return `${at(event.at)} more Problems: ${event.appeared} appeared, ${event.solved} solved; see tidegate problems`;
  }
}

/** Returns 0 after a signal, and 1 if no controller answers or the controller has ended. */
export async function changesCommand(given: Arguments<'changes'>): Promise<number> {
  const { output } = given;
  const screen = standardScreen();
  const stopping = new AbortController();
  void untilSignal(['SIGINT', 'SIGTERM']).then(() => stopping.abort());
  let first = true;
  const print = (event: ChangeEvent): void => {
    // One line for each event, so that other programs can read the stream line by line.
    const text =
      output === 'json' ? `${JSON.stringify(event)}\n` : formatted(event, output, () => changeText(event, screen));
    process.stdout.write(output === 'yaml' && !first ? `---\n${text}` : text);
    first = false;
  };
  const ended = await askOnce(given, (client) => client.changes(print, stopping.signal));
  return ended === undefined ? 1 : 0;
}
