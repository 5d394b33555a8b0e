/** A stage for all tests of a file: started before the first, reset before each, stopped after the last. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startStage } from './balancing-stage.ts';
import type { Stage } from './balancing-stage.ts';

/** To be called once, outside tests; it may be used within them. `http` goes into the http block of nginx.conf. */
export function stageOfFile(http = ''): Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await startStage(http);
  });
  afterAll(async () => stage?.stop());
  beforeEach(() => stage?.begin());
  return new Proxy<Stage>(Object.create(null) as Stage, {
    get(_, name): unknown {
      if (stage === undefined) throw new Error('the stage is used before it is started');
      return Reflect.get(stage, name);
    },
  });
}
