/** Where a command prints: its width, and whether it shows colours. */
import { styleText } from 'node:util';

export type Tone = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

export interface Screen {
  /** Columns of the terminal; undefined if the output goes elsewhere, where lines are not wrapped. */
  readonly width: number | undefined;
  /** The text in a colour; unchanged where there are no colours. */
  readonly tone: (tone: Tone, text: string) => string;
}

const LEAST_WIDTH = 40;

/** Standard output. Colours appear only on a terminal, and not with NO_COLOR. */
export function standardScreen(): Screen {
  const { stdout } = process;
  return {
    // A terminal of `kubectl exec` may not say how wide it is.
    width: stdout.isTTY && stdout.columns > 0 ? Math.max(LEAST_WIDTH, stdout.columns) : undefined,
    tone: (tone, text) => styleText(tone, text, { stream: stdout }),
  };
}
