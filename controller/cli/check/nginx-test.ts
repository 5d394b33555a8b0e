/** Tests a built configuration with the installed NGINX. */
import { buildSafely } from '../../app/faults.ts';
import { createQuarantine } from '../../app/quarantine.ts';
import { createRefusals, helpless } from '../../app/refusals.ts';
import { createNginx } from '../../nginx/index.ts';
import type { Capabilities } from '../../types/nginx.ts';
import type { Problem } from '../../types/problem.ts';
import type { OneShot } from '../one-shot.ts';
import { linkCode, START_COMMAND } from '../stages.ts';

/**
 * Tests the configuration with `nginx -t`. Returns all Problems, including one for each Ingress and each ConfigMap
 * value that nginx refuses.
 */
export async function askNginx(
  { built, build, readProblems }: OneShot,
  capabilities: Capabilities,
  runDir: string,
): Promise<readonly Problem[]> {
  const nginx = createNginx({ runDir, startCommand: START_COMMAND, capabilities });
  await nginx.open();
  await linkCode(runDir);
  try {
    const state = createQuarantine(build.options.configMap);
    const overrides = () => ({ ...built.overrides, ...state.leftOut() });
    const { decide } = createRefusals({ build, nginx, state, overrides });
    let target = built;
    for (;;) {
      const tested = await nginx.check(target.artifact);
      if (tested.ok) return [...readProblems, ...target.problems];
      const owners = tested.line === undefined ? [] : target.artifact.ownersOfLine(tested.line);
      const refused = { kind: 'refused' as const, check: tested, owners };
      const decided = await decide({ target, refused, good: new Map(), budgetMs: Infinity, starting: true });
      if (decided !== 'left-out') return [...readProblems, ...target.problems, refusedAsAWhole(tested.message)];
      target = buildSafely(build, target.snapshot, overrides());
    }
  } finally {
    await nginx.release();
  }
}

function refusedAsAWhole(message: string): Problem {
  return {
    code: 'refused-by-nginx',
    severity: 'error',
    effect: 'quarantined',
    message: helpless(message),
  };
}
