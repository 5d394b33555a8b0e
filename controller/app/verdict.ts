/** Problems → what the author of an object is told: the reason why it is denied, and warnings. */
import type { Preview } from '../model/build.ts';
import { problemText } from '../report/problem-text.ts';
import type { AdmissionVerdict } from '../types/admission.ts';
import { type DenialOptions, denies } from '../types/denial.ts';
import { firstBytes } from '../types/first-bytes.ts';
import { problemIdentity } from '../types/problem-identity.ts';
import { formatObject, isSameObject, type ObjectRef, type Problem, SEVERITY_RANK } from '../types/problem.ts';

/**
 * The API server's limits for warnings, in bytes: for one warning, and for all warnings together. If the warnings
 * together are longer, the API server shortens each to the first limit and leaves out the last ones.
 */
const MOST_EACH = 256;
const MOST_TOGETHER = 4096;
/**
 * Maximum length of each Problem in a denial, in bytes. The API server has no such limit; this one keeps denials
 * readable.
 */
const MOST_OF_DENIAL = 1024;
/** Room for the last warning, which says how many were left out. */
const RESERVED = 64;

/**
 * Problems of a state that usually lasts only for a moment, as when a Deployment and its Ingress are created together.
 * An author who wrote everything correctly would often see them.
 */
const MOMENTARY: ReadonlySet<string> = new Set(['no-endpoints', 'unresolved-external-name']);

/**
 * The text of `tidegate check`, without the example if the text would be too long. A Problem of another object than the
 * candidate is said to be caused by the change.
 */
function textOf(problem: Problem, candidate: ObjectRef, most: number): string {
  const { example: _, ...rest } = problem;
  const by = isSameObject(problem.object, candidate) ? '' : 'with this change, ';
  const whole = `${by}${problemText(problem, () => undefined)}`;
  return Buffer.byteLength(whole) <= most ? whole : firstBytes(`${by}${problemText(rest, () => undefined)}`, most);
}

function more(count: number): string {
  return `and ${count} more: tidegate check lists all`;
}

/** The texts that fit and, if some do not fit, a last text with their number. */
function fitting(problems: readonly Problem[], candidate: ObjectRef, each: number): readonly string[] {
  const texts: string[] = [];
  let bytes = RESERVED;
  for (const [index, problem] of problems.entries()) {
    const text = textOf(problem, candidate, each);
    bytes += Buffer.byteLength(text);
    if (bytes > MOST_TOGETHER) return [...texts, more(problems.length - index)];
    texts.push(text);
  }
  return texts;
}

/**
 * Each Problem once. Those of the candidate come before those of other objects; within each group, the worst come
 * first.
 */
function ordered(problems: readonly Problem[], isOwn: (problem: Problem) => boolean): readonly Problem[] {
  const once = [...new Map(problems.map((problem) => [problemIdentity(problem), problem])).values()];
  return once.sort(
    (a, b) => Number(isOwn(b)) - Number(isOwn(a)) || SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity],
  );
}

/**
 * The verdict about a candidate. Only Problems that the candidate's new version causes lead to a denial, so that an
 * object which was stored before can still be edited. `fault`: the exception that building the candidate threw.
 */
export function verdictOf(
  { before, after }: Pick<Preview, 'before' | 'after'>,
  candidate: ObjectRef,
  fault: Error | undefined,
  options: DenialOptions,
): AdmissionVerdict {
  const isOwn = ({ object }: Problem) => isSameObject(object, candidate);
  const known = new Set(before.map(problemIdentity));
  const isNew = (problem: Problem) => !known.has(problemIdentity(problem));
  const all = ordered(
    after.filter((problem) => (isOwn(problem) || isNew(problem)) && !MOMENTARY.has(problem.code)),
    isOwn,
  );
  const denying = all.filter((problem) => isNew(problem) && denies(problem, candidate, options));
  const warnings = fitting(
    all.filter((problem) => !denying.includes(problem)),
    candidate,
    MOST_EACH,
  );
  if (fault !== undefined) return { denial: faultText(candidate, fault), warnings };
  return denying.length === 0
    ? { warnings }
    : { denial: fitting(denying, candidate, MOST_OF_DENIAL).join('; '), warnings };
}

function faultText(candidate: ObjectRef, { message }: Error): string {
  return (
    `${formatObject(candidate)}: Tidegate fails to build its configuration (${firstBytes(message, MOST_EACH)}), so it would not be ` +
    'served. This is a fault of Tidegate, not of the Ingress: please report it with the stack trace in the log'
  );
}
