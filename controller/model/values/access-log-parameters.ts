/** Parameters of nginx's access_log directive that follow the format. */
import { bytes, type ConfValue, integer, named, word } from '../../types/conf-value.ts';
import { accept, type Parsed, type Parser, reject } from '../contract/parser.ts';
import { byteCount, wholeNumber } from './scalars.ts';

export interface AccessLogParameter {
  readonly name: 'buffer' | 'flush' | 'gzip';
  readonly value: ConfValue | undefined;
}

const size = byteCount(1, 64 * 1024 ** 2);
const level = wholeNumber(1, 9);

function read(item: string): Parsed<AccessLogParameter> {
  const [name = '', value] = item.split(/=(.*)/s);
  if (name === 'gzip' && value === undefined) return accept({ name, value });
  if (name === 'gzip') {
    const parsed = level.parse(value ?? '');
    return parsed.ok ? accept({ name, value: integer(parsed.value) }) : reject(`contains gzip, which ${parsed.reason}`);
  }
  if (name === 'buffer') {
    const parsed = size.parse(value ?? '');
    return parsed.ok ? accept({ name, value: bytes(parsed.value) }) : reject(`contains buffer, which ${parsed.reason}`);
  }
  if (name !== 'flush') return reject(`contains ${JSON.stringify(item)}, which is not one of buffer, flush and gzip`);
  return /^[1-9]\d{0,6}(?:ms|[smhd])?$/.test(value ?? '')
    ? accept({ name, value: word(value ?? '') })
    : reject('contains flush, which is not a time of nginx');
}

/** `buffer=32k flush=1m gzip=4`, each at most once. */
export const accessLogParameters: Parser<readonly AccessLogParameter[]> = {
  accepts: 'one or more of buffer=SIZE, flush=TIME and gzip (or gzip=LEVEL), separated by spaces',
  parse: (raw) => {
    const parameters: AccessLogParameter[] = [];
    for (const item of raw.split(/\s+/)) {
      const parsed = read(item);
      if (!parsed.ok) return parsed;
      parameters.push(parsed.value);
    }
    const names = parameters.map(({ name }) => name);
    if (new Set(names).size < names.length) return reject('names a parameter twice');
    // nginx would refuse its whole configuration because of a flush without a buffer.
    if (names.length === 1 && names[0] === 'flush') return reject('contains flush without a buffer');
    return accept(parameters);
  },
};

/** The parameter in nginx's syntax. */
export function parameterValue({ name, value }: AccessLogParameter): ConfValue {
  return value === undefined ? word(name) : named(name, value);
}
