/** Values, states and changes as people read them. */
import { visibleLine } from '../system/visible.ts';
import type { ActorState } from './trace.ts';

/** `[p0, p1]`, `{page: p0, last: true}`: JSON without the quotes, and with what JSON has no notation for. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value === '' ? "''" : visibleLine(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (!isRecord(value)) return String(value);
  const members = Object.entries(value).map(([key, item]) => `${visibleLine(key)}: ${valueText(item)}`);
  return `{${members.join(', ')}}`;
}

/** XState's state value as a path, `open.reading`, with parallel regions in braces; `-` for a machine without states. */
export function stateText(value: unknown): string {
  if (!isRecord(value)) return visibleLine(String(value));
  const regions = Object.entries(value).map(([key, inner]) => {
    const text = stateText(inner);
    const name = visibleLine(key);
    if (text === '-') return name;
    return text.startsWith('{') ? `${name}${text}` : `${name}.${text}`;
  });
  if (regions.length === 0) return '-';
  return regions.length === 1 ? regions[0]! : `{${regions.join(', ')}}`;
}

/** What differs, state value first: `idle -> waiting`, `credits 2 -> 1`, `queue + p1`, `timer T armed`. */
export function changeTexts(before: ActorState, after: ActorState, valueWidth = Number.POSITIVE_INFINITY): string[] {
  const texts = stateChanges(before.value, after.value);
  for (const { path, before: old, after: value, kind } of fieldChanges(before.context, after.context)) {
    const field = path === '' ? 'context' : path;
    if (kind === 'added') texts.push(`${field} added: ${cut(valueText(value), valueWidth * 2)}`);
    else if (kind === 'removed') texts.push(`${field} removed`);
    else if (Array.isArray(old) && Array.isArray(value)) texts.push(arrayText(field, old, value, valueWidth));
    else texts.push(`${field} ${cut(valueText(old), valueWidth)} -> ${cut(valueText(value), valueWidth)}`);
  }
  const [armedBefore, armedAfter] = [before.timers ?? [], after.timers ?? []];
  for (const timer of armedBefore) if (!armedAfter.includes(timer)) texts.push(`timer ${timerText(timer)} gone`);
  for (const timer of armedAfter) if (!armedBefore.includes(timer)) texts.push(`timer ${timerText(timer)} armed`);
  return texts.length === 0 ? [`${stateText(after.value)}, with another history`] : texts;
}

/** `idle -> waiting`; of parallel regions only those that change. */
function stateChanges(before: unknown, after: unknown, path = ''): string[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = Object.keys(after);
    if (keys.length > 1 && keys.every((key) => key in before)) {
      return keys.flatMap((key) => stateChanges(before[key], after[key], `${path}${key}.`));
    }
  }
  const [from, to] = [stateText(before), stateText(after)];
  return from === to ? [] : [`${path}${from} -> ${path}${to}`];
}

/** The members of a context that two states of an actor do not share, as paths: `pages.p1`. */
export function changedPaths(before: ActorState, after: ActorState): string[] {
  return fieldChanges(before.context, after.context).map(({ path }) => path);
}

/** `waiting  page=p0  credits=1`, for a table; the members named in `first` come first. */
export function actorText({ value, context, timers = [] }: ActorState, first: ReadonlySet<string> = new Set()): string {
  const fields = isRecord(context) ? Object.entries(context) : [];
  const shown = (some: [string, unknown][]) => some.map(([key, item]) => `${key}=${valueText(item)}`);
  return [
    stateText(value),
    ...shown(fields.filter(([key]) => first.has(key))),
    ...timers.map((timer) => `timer ${timerText(timer)}`),
    ...shown(fields.filter(([key]) => !first.has(key))),
  ].join('  ');
}

/** `after 1000 in waiting`, for the id that XState gives the timer of an `after`; other ids as they are. */
export function timerText(id: string): string {
  const [, delay, state] = /^xstate\.after\.([^.]+)\.(.+)$/.exec(id) ?? [];
  return delay === undefined ? id : `after ${delay} in ${state!.slice(state!.indexOf('.') + 1)}`;
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

export interface FieldChange {
  readonly path: string;
  readonly kind: 'changed' | 'added' | 'removed';
  readonly before: unknown;
  readonly after: unknown;
}

export function fieldChanges(before: unknown, after: unknown, path = ''): FieldChange[] {
  if (!isRecord(before) || !isRecord(after)) {
    return valueText(before) === valueText(after) ? [] : [{ path, kind: 'changed', before, after }];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): FieldChange[] => {
    const inner = path === '' ? key : `${path}.${key}`;
    const [old, value] = [before[key], after[key]];
    if (!(key in before)) return [{ path: inner, kind: 'added', before: old, after: value }];
    if (!(key in after)) return [{ path: inner, kind: 'removed', before: old, after: value }];
    return fieldChanges(old, value, inner);
  });
}

/** `queue + p1` and `queue - p0` where elements only come or only go, which is what happens to queues and lists. */
function arrayText(field: string, before: readonly unknown[], after: readonly unknown[], width: number): string {
  const [old, value] = [before.map(valueText), after.map(valueText)];
  const came = without(value, old);
  if (came) return `${field} + ${cut(came.join(', '), width * 2)}`;
  const went = without(old, value);
  if (went && after.length > 0) return `${field} - ${cut(went.join(', '), width * 2)}`;
  const all = `[${old.join(', ')}]`;
  if (after.length === 0) return all.length > width ? `${field} emptied` : `${field} ${all} -> []`;
  return `${field} ${cut(all, width)} -> ${cut(`[${value.join(', ')}]`, width)}`;
}

/** What is left of `all` when `part` is taken out of it in order; undefined when `part` is not part of it. */
function without(all: readonly string[], part: readonly string[]): string[] | undefined {
  const left: string[] = [];
  let at = 0;
  for (const item of all) {
    if (at < part.length && item === part[at]) at++;
    else left.push(item);
  }
  return at === part.length && left.length > 0 ? left : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
