/** The formats of metrics, and which of them a client asks for. */

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const PROTOBUF_TYPE =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/**
 * Protobuf only if the client wants it at least as much as text; everything else gets text, as browsers and curl do.
 */
export function wantsProtobuf(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map(rangeOf);
  const qualityOf = (isWanted: (range: MediaRange) => boolean) =>
    Math.max(0, ...ranges.filter(isWanted).map(({ quality }) => quality));
  const asProtobuf = qualityOf(
    ({ type, parameters }) =>
      type === 'application/vnd.google.protobuf' &&
      parameters.get('proto') === 'io.prometheus.client.metricfamily' &&
      parameters.get('encoding') === 'delimited',
  );
  return asProtobuf > 0 && asProtobuf >= qualityOf(({ type }) => type === 'text/plain');
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=', 2);
      return [name.trim(), value.trim().replaceAll('"', '')];
    }),
  );
  return { type, parameters, quality: Number(parameters.get('q') ?? 1) || 0 };
}
