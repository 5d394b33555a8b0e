/** The phases of a request whose location is known, in NGINX's order. */
import type { RequestOutcome } from './explanation.ts';
import { admission, limits } from './access.ts';
import { NO_ENDPOINTS, noteIntercepted, noteUnserved, passOn } from './backends.ts';
import { blocked } from './blocking.ts';
import { type NginxAnswer, newCourse, note } from './course.ts';
import { authBackend, found, refusedClient, snippets } from './early-answer.ts';
import { outcomeOf } from './outcomes.ts';
import type { Located } from './situation.ts';

function ended(situation: Located, answer: NginxAnswer): readonly RequestOutcome[] {
  return [outcomeOf(situation, answer)];
}

/** The built-in 404, which Lua writes. */
function notFound(situation: Located): readonly RequestOutcome[] {
  note(situation.course, 'backend', 'answered', 'there is no backend for the path, and no default backend: 404');
  return ended(situation, { status: 404, written: true, reason: 'no-route' });
}

/** The preaccess and access phases; returns the answer if the request is refused. */
function admit(situation: Located): NginxAnswer | undefined {
  limits(situation);
  return admission(situation);
}

/**
 * Applies the access phase to `results`, which come from the rewrite phase. The access phase can refuse only requests
 * to a backend.
 */
function admitted(situation: Located, results: readonly RequestOutcome[]): readonly RequestOutcome[] {
  if (results.every(({ by }) => by !== 'backend')) return results;
  const answer = admit(situation);
  if (answer !== undefined) {
    const refused = outcomeOf(situation, answer);
    return results.map((each) => {
      const { backend: _, ...others } = each;
      return each.by === 'backend' ? { ...others, ...refused } : each;
    });
  }
  for (const { backend } of results) {
    if (backend === undefined) continue;
    const many = backend.endpoints.length;
    const text = `${backend.service} gets ${backend.path} (${many} endpoint${many === 1 ? '' : 's'})`;
    note(situation.course, 'backend', 'passed', text);
  }
  noteIntercepted(situation);
  return results;
}

/** The usual order: answers without a backend come before NGINX's access phase. */
function serveUsual(situation: Located): readonly RequestOutcome[] {
  const early = refusedClient(situation);
  if (early !== undefined) return ended(situation, early);
  const { answer, request } = found(situation, true);
  const here = { ...situation, request };
  if (answer !== undefined) return ended(here, answer);
  const closed = authBackend(here);
  if (closed !== undefined) return ended(here, closed);
  if (here.route.backend === null) return notFound(here);
  return admitted(here, passOn(here));
}

/** Whether a request can be sent to some backend. */
function canPass(situation: Located): boolean {
  const attempt = { ...situation, course: newCourse() };
  return situation.route.backend !== null && passOn(attempt).some(({ backend }) => backend !== undefined);
}

/** With --strict-access: answers without a backend are sent only to clients that the access phase admits. */
function serveStrict(situation: Located): readonly RequestOutcome[] {
  const { route } = situation;
  const attempt = found({ ...situation, course: newCourse() }, false);
  const goesOn = canPass(situation);
  if (route.deny === undefined && (attempt.answer !== undefined || !goesOn)) {
    const answer =
      admit(situation) ?? refusedClient(situation) ?? found(situation, false).answer ?? authBackend(situation);
    if (answer !== undefined) return ended(situation, answer);
    if (route.backend === null) return notFound(situation);
    noteUnserved(situation, route.backend);
    return ended(situation, NO_ENDPOINTS);
  }
  const early = refusedClient(situation) ?? authBackend(situation);
  if (early !== undefined) return ended(situation, early);
  const { answer, request } = snippets(situation);
  const here = { ...situation, request };
  return answer === undefined ? admitted(here, passOn(here)) : ended(here, answer);
}

/** The results for a location with live data. */
export function serve(situation: Located, strictAccess: boolean): readonly RequestOutcome[] {
  const refused = blocked(situation);
  if (refused !== undefined) return ended(situation, refused);
  return strictAccess ? serveStrict(situation) : serveUsual(situation);
}
