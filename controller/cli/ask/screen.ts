/** The screen on which a command prints: its width, and whether it shows colours. */
import { styleText } from 'node:util';

export type Tone = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

export interface Screen {
  /**
   * Width of the terminal in columns. Undefined if the output does not go to a terminal; lines are then not wrapped.
   */
  readonly width: number | undefined;
  /** Returns the text in a colour, or unchanged if colours are not shown. */
  readonly tone: (tone: Tone, text: string) => string;
}

const LEAST_WIDTH = 40;

/** Standard output. Colours appear only on a terminal, and not if NO_COLOR is set. */
export function standardScreen(): Screen {
  const { stdout } = process;
  return {
    // In a terminal of `kubectl exec`, the width may be unknown.
    width: stdout.isTTY && stdout.columns > 0 ? Math.max(LEAST_WIDTH, stdout.columns) : undefined,
    tone: (tone, text) => styleText(tone, text, { stream: stdout }),
  };
}
