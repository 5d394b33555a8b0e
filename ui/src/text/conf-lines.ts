/** The lines of a server block, each with the Ingress that it was made for. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';

export interface ConfLine {
  readonly number: number;
  readonly text: string;
  /** `namespace/name`; undefined if the line belongs to all Ingresses of the host. */
  readonly ingress: string | undefined;
  /** Whether the line is the first one of its section. */
  readonly begins: boolean;
  readonly kind: 'comment' | 'block' | 'directive';
}

const MARGIN = /^ {4}/;

function kindOf(text: string): ConfLine['kind'] {
  if (/^\s*#/.test(text)) return 'comment';
  return /[{}]\s*$/.test(text) ? 'block' : 'directive';
}

/** The margin that all lines of a server block have in nginx.conf is removed. */
export function confLines({ text, sections }: Pick<AnswerOf<'conf'>, 'text' | 'sections'>): readonly ConfLine[] {
  let next = 0;
  let before: string | undefined;
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line, index) => {
      const number = index + 1;
      while ((sections[next]?.to ?? Infinity) < number) next += 1;
      const section = sections[next];
      const ingress = section !== undefined && section.from <= number ? section.ingress : undefined;
      const begins = number === 1 || ingress !== before || section?.from === number;
      before = ingress;
      return { number, text: line.replace(MARGIN, ''), ingress, begins, kind: kindOf(line) };
    });
}
