/** Checks custom templates: for which version of the view they were written, and what they leave out. */
import Handlebars from 'handlebars';

const VERSION = /\{\{!\s*view (\d+)\s*\}\}/;
const LUA_CALL = /\btidegate\.\w+\(/g;
const NAMED = 8;

/** The names that a template uses, with their full paths (`listens.address`), and the Lua functions that it calls. */
export function usedBy(source: string): ReadonlySet<string> {
  const used = new Set(source.match(LUA_CALL)?.map((call) => `${call})`) ?? []);
  visit(Handlebars.parse(source).body, [''], used);
  return used;
}

/** Adds names to `used`. `contexts` are the paths that names in nested blocks begin with, the innermost last. */
function visit(statements: readonly hbs.AST.Statement[], contexts: readonly string[], used: Set<string>): void {
  for (const statement of statements) {
    if (statement.type === 'MustacheStatement') note((statement as hbs.AST.MustacheStatement).path, contexts, used);
    if (statement.type !== 'BlockStatement') continue;
    const { path, params, program, inverse } = statement as hbs.AST.BlockStatement;
    const name = note(params[0], contexts, used);
    const helper = path.original;
    const enters = helper === 'each' || helper === 'with';
    visit(program.body, enters ? [...contexts, name] : contexts, used);
    visit((inverse as hbs.AST.Program | undefined)?.body ?? [], contexts, used);
  }
}

function note(expression: hbs.AST.Expression | undefined, contexts: readonly string[], used: Set<string>): string {
  if (expression?.type !== 'PathExpression') return '';
  const { depth, parts, data } = expression as hbs.AST.PathExpression;
  const context = contexts.at(-1 - depth) ?? '';
  const name = [context, ...parts].filter((part) => part !== '').join('.');
  if (!data && name !== '') used.add(name);
  return name;
}

/**
 * Reports how a template of `--template-dir` is outdated or incomplete, compared with the built-in one of the same
 * name.
 */
export function templateNotices(file: string, source: string, builtIn: string): readonly string[] {
  const [version, current] = [VERSION.exec(source)?.[1], VERSION.exec(builtIn)?.[1]];
  const used = usedBy(source);
  const missing = [...usedBy(builtIn)].filter((name) => !used.has(name)).sort();
  const notices: string[] = [];
  if (version !== current)
    notices.push(
      `${file} was written for ${version === undefined ? 'a view without a version' : `view ${version}`}, and this ` +
        `Tidegate has view ${current ?? ''}: compare it with the built-in template, then write {{! view ` +
        `${current ?? ''} }} into it`,
    );
  if (missing.length > 0) {
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
    notices.push(
      `${file} leaves out ${missing.slice(0, NAMED).join(', ')}${more}, which the built-in template uses: nginx.conf ` +
        'lacks what these names stand for, which may include access checks',
    );
  }
  return notices;
}
