/** The process's logger. Every line consists of a message and flat fields, written as text or JSON. */
import winston from 'winston';

export type LogFormat = 'text' | 'json';
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `fields` never contain errors or objects; the caller passes the relevant values. */
export interface Log {
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
  readonly debug: (message: string, fields?: Fields) => void;
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return pairs
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : String(value)}`)
    .join('');
}

const text = winston.format.printf(({ level, message, timestamp, ...fields }) => {
  const tag = level === 'info' ? '' : `${level}: `;
  return `${String(timestamp)} ${tag}${String(message)}${fieldsText(fields)}`;
});

/** Creates a log on standard output; `level` is one of error, warn, info, debug. */
export function createLog(format: LogFormat, level: string): Log {
  const logger = winston.createLogger({
    level,
    format:
      format === 'json'
        ? winston.format.combine(winston.format.timestamp(), winston.format.json())
        : winston.format.combine(winston.format.timestamp({ format: 'HH:mm:ss.SSS' }), text),
    transports: [new winston.transports.Console()],
  });
  const at =
    (name: keyof Log) =>
    (message: string, fields: Fields = {}) =>
      void logger.log(name, message, fields);
  return { info: at('info'), warn: at('warn'), error: at('error'), debug: at('debug') };
}
