/**
 * The control endpoint, by which another process injects faults and writes objects: `POST /emulator` with a command as
 * JSON.
 */
import { z } from 'zod';
import type { EmulatorControls } from './controls.ts';
import { fault, scope } from './faults.ts';
import type { ApiObject } from './object.ts';

const command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('fault'), fault }),
  z.strictObject({ do: z.literal('clear') }),
  z.strictObject({ do: z.enum(['drop', 'end', 'silence']), scope: scope.default({}) }),
  z.strictObject({ do: z.literal('compact') }),
  z.strictObject({ do: z.literal('restart'), revision: z.number().int().min(1) }),
  z.strictObject({ do: z.literal('refuse'), ms: z.number().min(0) }),
  z.strictObject({ do: z.literal('load'), objects: z.array(z.custom<ApiObject>((one) => typeof one === 'object')) }),
  z.strictObject({ do: z.literal('log'), clear: z.boolean().default(false) }),
]);
export type Command = z.input<typeof command>;

/** Runs a command and returns the body of the response. Throws a ZodError if the command is unknown. */
export function runCommand(controls: EmulatorControls, given: unknown): object {
  const parsed = command.parse(given);
  switch (parsed.do) {
    case 'fault':
      controls.fault(parsed.fault);
      return {};
    case 'clear':
      controls.clearFaults();
      return {};
    case 'drop':
      return { watches: controls.dropWatches(parsed.scope) };
    case 'end':
      return { watches: controls.endWatches(parsed.scope) };
    case 'silence':
      return { watches: controls.silenceWatches(parsed.scope) };
    case 'compact':
      controls.compact();
      return {};
    // The response must be sent before the connections are cut.
    case 'restart':
      setTimeout(() => controls.restart(parsed.revision), 20);
      return {};
    case 'refuse':
      setTimeout(() => void controls.refuse(parsed.ms), 20);
      return {};
    case 'load':
      for (const object of parsed.objects) controls.put(object);
      return { objects: parsed.objects.length };
    case 'log': {
      const answer = { counts: controls.log.counts(), entries: [...controls.log.entries] };
      if (parsed.clear) controls.log.clear();
      return answer;
    }
  }
}
