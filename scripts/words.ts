/**
 * A list of phrasings over which readers stumble, and a function that finds them in comments, messages, titles of tests
 * and documentation. scripts/words.test.ts fails if a text of this repository contains one.
 */
export interface Phrasing {
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly instead: string;
  readonly wrong: string;
  readonly right: string;
}

export const PHRASINGS: readonly Phrasing[] = [
  {
    pattern:
      /^(?:The same(?=[.;:,]| (?:for|of|as|with|in|again|where|to|at|on|by)\b)|That of|Those of|Those that|That with)\b/,
    instead: 'say what the thing is, not how it relates to the line above',
    wrong: 'The same for headers.',
    right: 'The same objects give the same result.',
  },
  {
    pattern: /(?<!\bthere (?:[a-z]+ )?)\b(?:is|are|was|were|be) none\b/,
    instead: '"is not a …", "if there is none"',
    wrong: 'a port that is none',
    right: 'undefined if there is none, as there may be none',
  },
  {
    pattern: /(?<!\bthere )\b(?:is|are|was|were) no (?!(?:longer|more|less|place|proof|reason|use|way)\b)[a-z]+/i,
    instead: '"is not a …"',
    wrong: 'what is no address is dropped',
    right: 'there is no address, and it is no longer asked for',
  },
  {
    pattern: /\b(?:nobody|everybody)'s\b/i,
    instead: 'name whose it is: "of the catch-all host", "shared by all namespaces"',
    wrong: "every name that is nobody's",
    right: "somebody else's annotation",
  },
  {
    pattern: /\bin the place of\b/i,
    instead: '"instead of", "replaces"',
    wrong: "in the place of the client's header",
    right: "instead of the client's header",
  },
  {
    pattern: /\bso many\b(?! (?:as|that)\b)(?![^.;:]* that\b)/i,
    instead: '"this many", "the number of", "at most"',
    wrong: 'waits so many seconds',
    right: 'so many are refused that a list would not help',
  },
  {
    pattern: /\bmeans? nothing\b/i,
    instead: '"has no effect"',
    wrong: 'the key means nothing without a Secret',
    right: 'the key has no effect without a Secret',
  },
  {
    pattern: /\bthe (?:others|rest)(?: of [a-z]+ [a-z]+)? holds?\b/i,
    instead: '"the others apply", "the others are in force"',
    wrong: 'it is dropped, and the others hold',
    right: 'it is dropped, and the others apply',
  },
  {
    pattern: /\b(?:is|are|was|were) believed\b/i,
    instead: '"is trusted"',
    wrong: 'the header of a proxy is believed',
    right: 'the header of a proxy is trusted',
  },
  {
    pattern: /\b(?:is|are|be) (?:said|told) of\b/i,
    instead: 'say who reports what to whom',
    wrong: 'what is said of a value',
    right: 'the message about a value',
  },
  {
    pattern: /\bthe own\b/i,
    instead: '"its own", "the Ingress\'s own"',
    wrong: 'endpoints of the own zone',
    right: "endpoints of the controller's own zone",
  },
  {
    pattern: /\bas good as (?:none|absent)\b/i,
    instead: '"counts as absent"',
    wrong: 'an empty value is as good as absent',
    right: 'an empty value counts as absent',
  },
  {
    pattern: /\bretired controller\b/i,
    instead: '"ingress-nginx"',
    wrong: 'as in the retired controller',
    right: 'as in ingress-nginx',
  },
  {
    pattern: /\bthe default applies, which\b/i,
    instead: '"the default, …, applies"',
    wrong: 'the default applies, which is 5 seconds',
    right: 'the default, 5 seconds, applies',
  },
  {
    pattern: /, also (?:after|at|before|by|during|for|if|in|on|when|while|with|without)\b/i,
    instead: '"even after …", "including …"',
    wrong: 'the last good value applies, also after a restart',
    right: 'the last good value applies, even after a restart; it also applies in pods',
  },
  {
    pattern: /\bfurther (?!apart\b|away\b|down\b)[a-z]/i,
    instead: '"another", "other", "more"',
    wrong: 'a further endpoint is tried',
    right: 'another endpoint, which may be further away, is tried',
  },
  {
    pattern:
      /\b(?:changes?|edits?) of (?:(?:an?|its|the) )?(?:ConfigMaps?|endpoints|Ingress(?:es)?|keys?|labels?|lists?|manifests?|Secrets?|settings)\b/i,
    instead: '"a change to …"',
    wrong: 'a change of the ConfigMap needs no reload',
    right: 'a change to the ConfigMap needs no reload; a change of class does',
  },
  {
    pattern: /\blimits? of steps\b/i,
    instead: '"a limit on its steps"',
    wrong: 'the pattern gets a limit of steps',
    right: 'the pattern gets a limit on its steps',
  },
  {
    pattern:
      /\b(?:an?|one) text\b(?! (?:editor|field|file|flag|format|frame|node)s?\b)|\b(?:comma-separated|equal|literal|plain|two) texts\b/i,
    instead: '"a string", "a value", "a key"; "literal text" without an article',
    wrong: 'two texts separated by a space',
    right: 'two strings in a text file, as literal text',
  },
  {
    pattern: /\b(?:be|been|being|is|are|was|were) answered [1-5][0-9x]{2}\b/i,
    instead: '"is answered with 503", "answers 503"',
    wrong: 'the request is answered 503',
    right: 'the request is answered with 503; the path answers 503',
  },
  {
    pattern: /(?:^|[.;:] )with(?:out)? `[^`]+` (?:it|no|nothing|only|the|they)\b/i,
    instead: 'a comma after the opening phrase',
    wrong: 'With `off` nothing is replaced.',
    right: 'With `off`, nothing is replaced.',
  },
  {
    pattern: /\b(?:is|are|was|were|be) [a-z]+ed then\b/i,
    instead: '"is then ignored"',
    wrong: 'the header is ignored then',
    right: 'the header is then ignored',
  },
];

export interface Stumble {
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

interface Passage {
  readonly comment: boolean;
  text: string;
  /** For each line of the passage: its number, and the offset in `text` at which it begins. */
  readonly starts: { readonly at: number; readonly line: number }[];
}

const COMMENT = /^\s*(?:\/\*\*?|\*\/|\* ?|\/\/ ?|-- ?|# ?)/;

/**
 * Splits a file into its comments and the text between comments. The lines of a passage are joined, so that a phrase is
 * found across line breaks.
 */
function passagesOf(text: string): readonly Passage[] {
  const passages: Passage[] = [];
  let before: Passage | undefined;
  for (const [index, written] of text.split('\n').entries()) {
    const comment = COMMENT.test(written);
    let content = written.replace(COMMENT, '').trim();
    if (content === '') {
      if (!comment || !written.trim().startsWith('/')) before = undefined;
      continue;
    }
    if (before === undefined || before.comment !== comment || /^\s*\/\*/.test(written)) {
      before = { comment, text: '', starts: [] };
      passages.push(before);
    }
    if (/['"`] \+$/.test(before.text) && /^['"`]/.test(content)) {
      before.text = before.text.slice(0, -3);
      content = content.slice(1);
    } else if (before.text !== '') before.text += ' ';
    before.starts.push({ at: before.text.length, line: index + 1 });
    before.text += content;
  }
  return passages;
}

export function stumblesIn(text: string): readonly Stumble[] {
  return passagesOf(text).flatMap(({ text: passage, starts }) =>
    PHRASINGS.flatMap(({ pattern, instead }) =>
      [...passage.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(({ 0: found, index }) => ({
        line: starts.findLast(({ at }) => at <= index)?.line ?? 1,
        found,
        instead,
      })),
    ),
  );
}
