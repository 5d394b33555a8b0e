/** Counts the verdicts, and groups Ingresses by what makes them differ. */
import { isDifferent } from './judge-ingress.ts';
import type { Cause, Counts, IngressVerdict, JudgedIngress, JudgedKey, Summary } from './report.ts';
import { KEY_VERDICTS } from './report.ts';

type Reason = Pick<Cause, 'verdict' | 'name' | 'text'>;

function bare(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

function textOf({ problems, differences }: JudgedKey): string {
  return problems[0]?.text ?? differences.find(({ detail }) => !detail)?.text ?? '';
}

/** Why an Ingress is closed. One reason may close several of its paths. */
function closingReasons({ keys, problems, closed }: JudgedIngress): readonly Reason[] {
  const ofKeys = keys.flatMap(({ name, problems: own }) => {
    const first = own.find(({ closes }) => closes);
    return first === undefined ? [] : [{ verdict: 'closed' as const, name: bare(name), text: first.text }];
  });
  const ofProblems = problems
    .filter(({ closes }) => closes)
    .map(({ code, text }) => ({ verdict: 'closed' as const, name: code, text }));
  if (ofKeys.length > 0 || ofProblems.length > 0) return [...ofKeys, ...ofProblems];
  return closed.map(({ by }) => ({
    verdict: 'closed' as const,
    name: by,
    text: `${by} of another Ingress of the host closes the path`,
  }));
}

function differingReasons({ keys, problems, differences }: JudgedIngress): readonly Reason[] {
  const differs = (name: string, text: string): Reason => ({ verdict: 'differs', name, text });
  return [
    ...keys
      .filter((key) => isDifferent(key) && !key.problems.some(({ closes }) => closes))
      .map((key) => differs(bare(key.name), textOf(key))),
    ...problems.filter(({ closes, changes }) => changes && !closes).map(({ code, text }) => differs(code, text)),
    ...differences.filter(({ detail }) => !detail).map(({ when, text }) => differs(when ?? '', text)),
  ];
}

const NONE: Counts = { same: 0, differs: 0, closed: 0 };

function plusOne(counts: Counts, verdict: IngressVerdict): Counts {
  return { ...counts, [verdict]: counts[verdict] + 1 };
}

/** Ingresses that are closed come first, then what concerns most Ingresses. */
function byWeight(a: Cause, b: Cause): number {
  if (a.verdict !== b.verdict) return a.verdict === 'closed' ? -1 : 1;
  return b.ingresses.length - a.ingresses.length || (a.name < b.name ? -1 : 1);
}

function causesOf(ingresses: readonly JudgedIngress[]): readonly Cause[] {
  const causes = new Map<string, Cause>();
  for (const each of ingresses)
    for (const reason of [...closingReasons(each), ...differingReasons(each)]) {
      const id = `${reason.verdict} ${reason.name}`;
      const known = causes.get(id);
      if (known?.ingresses.includes(each.object) === true) continue;
      causes.set(id, { ...(known ?? reason), ingresses: [...(known?.ingresses ?? []), each.object] });
    }
  return [...causes.values()].sort(byWeight);
}

/** `others`: the number of Ingresses that belong to other controllers. */
export function summarize(ingresses: readonly JudgedIngress[], others: number): Summary {
  const namespaces = new Map<string, Counts>();
  let counts = NONE;
  for (const { object, verdict } of ingresses) {
    counts = plusOne(counts, verdict);
    namespaces.set(object.namespace, plusOne(namespaces.get(object.namespace) ?? NONE, verdict));
  }
  const keys = ingresses.flatMap((each) => each.keys);
  const counted = KEY_VERDICTS.map((verdict) => [verdict, keys.filter((key) => key.verdict === verdict).length]);
  return {
    ingresses: ingresses.length,
    counts,
    others,
    causes: causesOf(ingresses),
    namespaces: [...namespaces].sort(([a], [b]) => (a < b ? -1 : 1)).map(([namespace, all]) => ({ namespace, ...all })),
    keys: Object.fromEntries(counted) as Summary['keys'],
  };
}
