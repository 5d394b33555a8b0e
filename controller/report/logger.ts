/** The process's logger: one line for each message, as text or as a JSON object. */
import { styleText } from 'node:util';
import winston from 'winston';
import { printableLines } from '../types/printable.ts';
import type { LogDetails } from './log-details.ts';
import { JSON_SHAPES, type LogEntry } from './log-shapes.ts';

export type LogFormat = 'text' | keyof typeof JSON_SHAPES;
export type LogLevel = LogEntry['level'];

/**
 * Writes log lines. Details are written only by formats that have fields, so the message must be complete without them.
 */
export interface Log {
  readonly info: (message: string, details?: LogDetails) => void;
  readonly warn: (message: string, details?: LogDetails) => void;
  readonly error: (message: string, details?: LogDetails) => void;
  readonly debug: (message: string, details?: LogDetails) => void;
}

/** The log of the process, whose level can change. */
export interface ProcessLog extends Log {
  /** Turns lines of the level debug on or off, and logs that. */
  readonly toggleDebug: () => void;
}

const COLOURS = { error: 'red', warn: 'yellow', debug: 'gray' } as const;

/** The level before a message, in colour if standard output is a terminal and NO_COLOR is not set. */
function tagOf(level: LogLevel): string {
  return level === 'info' ? '' : `${styleText(COLOURS[level], `${level}:`, { stream: process.stdout })} `;
}

/** The time of day in the time zone of this machine, for people who watch a terminal. */
function localTime(time: string): string {
  return `${new Date(time).toTimeString().slice(0, 8)}${time.slice(-5, -1)}`;
}

function toLine(format: LogFormat, entry: LogEntry): string {
  if (format !== 'text') return JSON.stringify(JSON_SHAPES[format](entry));
  return `${localTime(entry.time)} ${tagOf(entry.level)}${printableLines(entry.message)}`;
}

/** Creates a log on standard output. */
export function createLog(format: LogFormat, level: LogLevel): ProcessLog {
  const logger = winston.createLogger({
    level,
    format: winston.format.printf(({ level: name, message, details }) =>
      toLine(format, {
        time: new Date().toISOString(),
        level: name as LogLevel,
        message: String(message),
        details: details as LogDetails | undefined,
      }),
    ),
    transports: [new winston.transports.Console()],
  });
  const at = (name: LogLevel) => (message: string, details?: LogDetails) =>
    void logger.log({ level: name, message, details });
  const info = at('info');
  return {
    info,
    warn: at('warn'),
    error: at('error'),
    debug: at('debug'),
    toggleDebug: () => {
      logger.level = logger.level === 'debug' ? (level === 'debug' ? 'info' : level) : 'debug';
      info(`the log level is now ${logger.level}`);
    },
  };
}

/** The signal that turns debug lines on and off. Node reserves SIGUSR1 for its debugger. */
const DEBUG_SIGNAL = 'SIGUSR2';

export function debugOnSignal(log: ProcessLog): void {
  process.on(DEBUG_SIGNAL, log.toggleDebug);
}
