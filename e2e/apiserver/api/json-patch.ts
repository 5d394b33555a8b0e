/** Applies a JSON patch (RFC 6902) with the operations add, remove, replace, test, copy and move. */
import { ApiFailure } from './failure.ts';
import { isList, isRecord, sameJson, textOf } from './object.ts';
import type { Json, JsonObject } from './object.ts';

function refuse(message: string): never {
  throw new ApiFailure(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}

function stepsOf(pointer: Json | undefined): string[] {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')))
    refuse(`bad path ${textOf(pointer)}`);
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json | undefined, steps: readonly string[]): Json {
  let found = document;
  for (const step of steps) {
    if (isList(found)) found = found[Number(step)];
    else found = isRecord(found) ? found[step] : undefined;
  }
  return found === undefined ? refuse(`nothing at /${steps.join('/')}`) : found;
}

type Operation = 'add' | 'replace' | 'remove';

function writeToList(list: readonly Json[], step: string, operation: Operation, value: Json): Json {
  const index = step === '-' ? list.length : Number(step);
  const last = operation === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > last) refuse(`no index ${step} in a list of ${list.length}`);
  return list.toSpliced(index, operation === 'add' ? 0 : 1, ...(operation === 'remove' ? [] : [value]));
}

/** A copy of `document` in which the value at `steps` is written or removed. For `remove`, `value` is ignored. */
function write(document: Json | undefined, steps: readonly string[], operation: Operation, value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (isList(document)) {
    if (rest.length === 0) return writeToList(document, step, operation, value);
    return document.with(Number(step), write(read(document, [step]), rest, operation, value));
  }
  if (!isRecord(document)) refuse(`nothing at ${step}`);
  if (rest.length > 0) return { ...document, [step]: write(read(document, [step]), rest, operation, value) };
  if (operation !== 'add') read(document, [step]);
  const { [step]: _, ...others } = document;
  return operation === 'remove' ? others : { ...others, [step]: value };
}

function applyOne(document: Json, operation: JsonObject): Json {
  const { op, path, from, value } = operation;
  const steps = stepsOf(path);
  if (op === 'add' || op === 'replace') {
    return value === undefined ? refuse(`${op} without value`) : write(document, steps, op, value);
  }
  if (op === 'remove') return write(document, steps, 'remove', null);
  if (op === 'test')
    return sameJson(read(document, steps), value) ? document : refuse(`testing value ${steps.join('/')} failed`);
  if (op !== 'copy' && op !== 'move') refuse(`unknown operation ${textOf(op)}`);
  const source = stepsOf(from);
  const moved = read(document, source);
  return write(op === 'move' ? write(document, source, 'remove', null) : document, steps, 'add', moved);
}

/** The document after all operations. An operation that cannot be applied causes the whole patch to be rejected. */
export function jsonPatch(document: Json, operations: Json): Json {
  if (!isList(operations)) refuse('a JSON patch is a list of operations');
  let result = document;
  for (const operation of operations) {
    if (!isRecord(operation)) refuse('a JSON patch is a list of operations');
    result = applyOne(result, operation);
  }
  return result;
}
