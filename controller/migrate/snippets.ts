/** Judges a snippet directive by directive. */
import { confText } from '../types/conf-tree.ts';
import { shorten } from '../types/problem.ts';
import { type ConfNode, parseConf } from '../types/tokenizer.ts';
import { ANNOTATION_KEYS } from '../model/features/annotations.ts';
import { compileSnippet } from '../model/values/snippets/compile.ts';
import { insteadOf } from '../model/values/snippets/instead.ts';
import type { JudgedDirective } from './report.ts';

/** The annotations that contain directives, and the place that their directives have in nginx.conf. */
export const SNIPPETS = {
  'configuration-snippet': 'location',
  'server-snippet': 'server',
  'auth-snippet': 'auth',
} as const;

/** Directive → annotations that have the same effect without a snippet. docs/migrating.md has the same table. */
export const INSTEAD: Readonly<Record<string, string>> = {
  proxy_set_header: 'request-set-headers',
  grpc_set_header: 'request-set-headers',
  more_set_input_headers: 'request-set-headers',
  more_clear_input_headers: 'request-remove-headers',
  add_header: 'response-add-headers',
  more_set_headers: 'response-set-headers',
  more_clear_headers: 'response-remove-headers',
  proxy_hide_header: 'response-remove-headers',
  allow: 'allowlist-source-range',
  deny: 'denylist-source-range',
  limit_req_status: 'limit-status-code',
  client_max_body_size: 'proxy-body-size',
};

const REDIRECTS: Readonly<Record<string, string>> = {
  301: 'permanent-redirect',
  302: 'temporal-redirect',
  303: 'temporal-redirect',
  307: 'temporal-redirect',
  308: 'permanent-redirect',
};

/** What has the same effect as a directive, without a snippet; undefined if nothing has. */
function replacement({ words: [name = '', first = '', ...rest], children }: ConfNode): string | undefined {
  if (children !== undefined) return undefined;
  if (name === 'return') return REDIRECTS[first];
  if (name === 'rewrite') return { permanent: 'permanent-redirect', redirect: 'temporal-redirect' }[rest.at(-1) ?? ''];
  if (name === 'proxy_set_header' && rest.join('') === '') return 'request-remove-headers';
  const annotation = INSTEAD[name] ?? name.replaceAll('_', '-');
  if (ANNOTATION_KEYS.has(annotation)) return annotation;
  return insteadOf(name)?.replace(/^use (?:the annotation )?/, '');
}

/** The directives of one snippet, in order; a block counts as one directive. Empty if nginx could not read the text. */
export function judgeSnippet(snippet: keyof typeof SNIPPETS, text: string): readonly JudgedDirective[] {
  let nodes: readonly ConfNode[];
  try {
    nodes = parseConf(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  return nodes.map((node) => {
    const alone = confText([node]);
    const parsed = compileSnippet(alone, SNIPPETS[snippet]);
    const instead = replacement(node);
    return {
      snippet,
      line: node.line,
      directive: shorten(alone.split('\n')[0] ?? '', 120).slice(1, -1),
      accepted: parsed.ok,
      ...(!parsed.ok && { reason: parsed.reason.replace(/^contains refused directives: line \d+: /, '') }),
      ...(instead !== undefined && { instead }),
    };
  });
}
