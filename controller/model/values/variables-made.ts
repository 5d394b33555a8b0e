/** Finds the variables that directives in the administrator's snippets define. */
import { type ConfNode, parseConf } from '../../types/tokenizer.ts';

/** Directives whose first word is the variable that they define. */
const SETTERS = /^(?:set|set_.+|auth_request_set|js_set|js_var|perl_set|encrypted_session_.+)$/;
const NAME = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

/** Names of the variables, in lower case. `texts`: the snippets. */
export function variablesMade(texts: readonly string[]): ReadonlySet<string> {
  const made = new Set<string>();
  for (const text of texts) if (text !== '') gather(text, made);
  return made;
}

function gather(text: string, made: Set<string>): void {
  // A regular expression with named groups defines one variable for each.
  for (const [, name = ''] of text.matchAll(/\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>/g)) made.add(name.toLowerCase());
  const visit = ({ words, children }: ConfNode): void => {
    const [name = '', first = ''] = words;
    // The last word of map, geo and split_clients is their variable; in geoip2, each line begins with a variable.
    for (const word of [children === undefined ? '' : (words.at(-1) ?? ''), SETTERS.test(name) ? first : '', name]) {
      const variable = NAME.exec(word)?.[1];
      if (variable !== undefined) made.add(variable.toLowerCase());
    }
    for (const child of children ?? []) visit(child);
  };
  for (const node of parseConf(text)) visit(node);
}
