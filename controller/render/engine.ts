/**
 * Handlebars, restricted so that it writes only ConfValues. All values pass through the escape function, which is
 * replaced for this instance alone. (Handlebars shares its `Utils` between instances; that is why `template` is
 * wrapped.)
 */
import Handlebars from 'handlebars';
import { ConfComment } from '../types/conf-comment.ts';
import { ConfTree } from '../types/conf-tree.ts';
import { ConfValue } from '../types/conf-value.ts';

/** Text that this engine has rendered, and that a template may contain unchanged. */
export class Fragment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A rendered template, with what verify.ts needs to check its meaning. */
export interface Rendered {
  readonly text: string;
  /** The text without ConfComments, from which the checksum is computed. */
  readonly bare: string;
  /** The rendered template with `placeholder(n)` instead of the n-th value. */
  readonly outline: string;
  readonly values: readonly ConfValue[];
  /** Directives of the administrator. In the outline, `TREE_n_TREE;` stands for the n-th of them. */
  readonly trees: readonly ConfTree[];
}

export type Template = (view: object) => Rendered;

/** The string that stands for the n-th value; templates must not contain such a string. */
export function placeholder(index: number): string {
  return `VALUE_${index}_VALUE`;
}
export const TREE = /^TREE_(\d+)_TREE$/;
export const PLACEHOLDER = /VALUE_(\d+)_VALUE/g;

/**
 * Precedes each ConfComment while a template is rendered. Values cannot contain this character: ConfValues reject
 * control characters.
 */
const MARK = '\u0001';
const MARKED = /\u0001[^\n]*/g;

/**
 * One pass over a template, and the values that it has written so far; with `outline`, placeholders are written
 * instead. There is only one pass at a time, because rendering is synchronous.
 */
interface Pass {
  readonly outline: boolean;
  readonly values: ConfValue[];
  readonly trees: ConfTree[];
}
let pass: Pass = { outline: false, values: [], trees: [] };

function write(value: unknown): string {
  if (value instanceof Fragment) return pass.outline ? '' : value.text;
  if (ConfComment.is(value)) return pass.outline ? '' : MARK + value.text;
  if (value instanceof ConfTree) {
    pass.trees.push(value);
    return pass.outline ? `TREE_${pass.trees.length - 1}_TREE;` : value.text;
  }
  if (!ConfValue.is(value)) {
    throw new TypeError(`a template would write ${JSON.stringify(value) ?? typeof value}, which is not a ConfValue`);
  }
  pass.values.push(value);
  return pass.outline ? placeholder(pass.values.length - 1) : value.conf;
}

const handlebars = Handlebars.create();
interface Container {
  escapeExpression: (value: unknown) => string;
}
type Specification = { main: (container: Container, ...rest: unknown[]) => unknown };
const template = handlebars.template.bind(handlebars) as (specification: Specification, ...rest: unknown[]) => unknown;
// Handlebars has no public way to replace the escape function; compiled templates read it from their container.
Object.assign(handlebars, {
  template: (specification: Specification, ...rest: unknown[]) =>
    template(
      {
        ...specification,
        main: (container, ...more) => {
          container.escapeExpression = write;
          return specification.main(container, ...more);
        },
      },
      ...rest,
    ),
});

/** Rejects `{{{x}}}` and `{{&x}}`, which would bypass the escape function, and partials, which are not needed. */
export function assertEscaped(source: string): void {
  const tree: unknown = Handlebars.parse(source);
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      const { type, escaped } = node as { type?: string; escaped?: boolean };
      if (type === 'MustacheStatement' && escaped === false)
        throw new SyntaxError('{{{ and {{& are not allowed in a template');
      if (type === 'PartialStatement' || type === 'DecoratorBlock')
        throw new SyntaxError(`${type} is not allowed in a template`);
      Object.values(node).forEach(visit);
    }
  };
  visit(tree);
}

const OPTIONS = { strict: true, knownHelpersOnly: true, preventIndent: true } as const;
type Compiled = (view: object) => string;

/** Renders several programs with one view, and joins the results. */
function run(programs: readonly Compiled[], view: object): { readonly texts: readonly string[] } & Rendered {
  const once = (outline: boolean) => {
    pass = { outline, values: [], trees: [] };
    return { texts: programs.map((program) => program(view)), ...pass };
  };
  const { texts: marked, values, trees } = once(false);
  const texts = marked.map((text) => text.replaceAll(MARK, ''));
  const bare = marked.join('').replaceAll(MARKED, '');
  return { texts, text: texts.join(''), bare, values, trees, outline: once(true).texts.join('') };
}

/** A template with a list that may be so long that its items are rendered in portions. */
export interface ListTemplate {
  /**
   * Renders everything except the items of the list: as one string, and as the two parts before and after the items.
   */
  readonly frame: (view: object) => { readonly texts: readonly string[] } & Rendered;
  /**
   * Renders the items that the view contains under the name of the list. Undefined if the template has no such list.
   */
  readonly items: Template | undefined;
}

/** Compiles a template with `{{#each LIST}}` outside all other blocks. Throws the same errors as `compile`. */
export function compileList(source: string, list: string): ListTemplate {
  assertEscaped(source);
  const tree = Handlebars.parse(source);
  const at = tree.body.findIndex((statement) => isList(statement, list));
  const program = (from: number, to?: number): Compiled =>
    handlebars.compile({ ...tree, body: tree.body.slice(from, to) }, OPTIONS);
  if (at < 0) {
    const whole = program(0);
    return { frame: (view) => run([whole], view), items: undefined };
  }
  const [before, items, after] = [program(0, at), program(at, at + 1), program(at + 1)];
  return { frame: (view) => run([before, after], view), items: (view) => run([items], view) };
}

/** Whether a statement is the list, and renders each item independently of the items before and after it. */
function isList(statement: hbs.AST.Statement, list: string): boolean {
  if (statement.type !== 'BlockStatement') return false;
  const { path, params, inverse } = statement as hbs.AST.BlockStatement;
  const named = (expression: hbs.AST.Expression | undefined): string =>
    (expression as hbs.AST.PathExpression | undefined)?.original.toString() ?? '';
  // @first, @last and @index depend on the whole list, not only on the item.
  const counts = JSON.stringify(statement, (key, value: unknown) => (key === 'loc' ? undefined : value)).includes(
    '"data":true',
  );
  return named(path) === 'each' && named(params[0]) === list && !counts && (inverse as unknown) === undefined;
}

/** Compiles a template. Throws SyntaxError if the source is not a valid template, or could write unchecked text. */
export function compile(source: string): Template {
  assertEscaped(source);
  const compiled = handlebars.compile(source, OPTIONS);
  return (view) => run([compiled], view);
}
