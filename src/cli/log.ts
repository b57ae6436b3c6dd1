/** Logs for machines: JSON lines on stderr, only for those who ask by `--log-level`. */
import { type Logger, pino } from 'pino';
import type { Environment } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

export function createLog(level: string | undefined, { stderr }: Environment): Logger {
  if (level !== undefined && !LEVELS.includes(level)) {
    throw new UsageError(`--log-level ${level}: there is no such level`, possibleNames(level, LEVELS));
  }
  return pino({ name: 'faultline', level: level ?? 'silent' }, { write: (line: string) => stderr.write(line) });
}

export function isSilent(log: Logger): boolean {
  return log.level === 'silent';
}
