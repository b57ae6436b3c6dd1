/** Numbers and sizes as people read them, and as they type them. */
import { UNITS as TIME_UNITS, type TimeUnit } from '../system/timing.ts';
import { UsageError } from './errors.ts';

export function thousands(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `950`, `12 k`, `1.3 M`: for a status line, where a jumping width would be in the way. */
export function rounded(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value >= 1e4 ? `${(value / 1e3).toFixed(0)} k` : value.toFixed(0);
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${seconds.toFixed(0)} s`;
}

export function bytesText(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GB`;
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

/** `3.1%`, `0.0042%`. */
export function percent(part: number): string {
  return `${Number((part * 100).toPrecision(2))}%`;
}

/** `2.7e-13`; what is not that improbable, `0.012`. */
export function probabilityText(probability: number): string {
  return probability > 0 && probability < 1e-3 ? probability.toExponential(1) : `${Number(probability.toPrecision(2))}`;
}

/** What qualifies a verdict that rests on having seen all states. */
export function unlessMissed(missProbability: number): string {
  return `unless a state was missed (probability ${probabilityText(missProbability)})`;
}

export function plural(count: number, word: string): string {
  return `${thousands(count)} ${word}${count === 1 ? '' : 's'}`;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** `512M`, `2G`, `1.5g`, `2GiB`: bytes in powers of 1024. */
export function parseBytes(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit?.toUpperCase() ?? ''] ?? Number.NaN));
  if (bytes > 0) return bytes;
  throw new UsageError(`${option} ${text}: got ${JSON.stringify(text)}, expected a size`, 'for example 512M or 2G');
}

export function parseCount(option: string, text: string): number {
  const value = Number(text.replaceAll(/[_,]/g, '') || Number.NaN);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${option} ${text}: got ${JSON.stringify(text)}, expected a whole number of at least 1`);
}

export function parseSeed(option: string, text: string): number {
  const value = Number(text || Number.NaN);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`${option} ${text}: got ${JSON.stringify(text)}, expected a whole number of at least 0`);
}

export function parseSeconds(option: string, text: string): number {
  const value = Number(text || Number.NaN);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${option} ${text}: got ${JSON.stringify(text)}, expected a number of seconds above 0`);
}

/** `10s`, `2.5ms`, `300us`, `50 ns`: in seconds. */
export function parseTime(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ns|us|ms|s)$/.exec(text.trim()) ?? [];
  const seconds = (Number(number) / TIME_UNITS[unit as TimeUnit]) * TIME_UNITS.s;
  if (seconds > 0) return seconds;
  throw new UsageError(
    `${option} ${text}: got ${JSON.stringify(text)}, expected a time`,
    'for example 10s, 2.5ms or 300us',
  );
}

/** Those of a group together, groups and their members in the order in which they come. */
export function inGroups<T>(items: readonly T[], groupOf: (item: T) => string | null): T[] {
  const groups = new Set(items.map(groupOf));
  return [...groups].flatMap((group) => items.filter((item) => groupOf(item) === group));
}

/** Whether a text has another one in it, in whatever case. */
export function hasText(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
