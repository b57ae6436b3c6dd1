/** Interleavings of a trace's steps by brute force on the naive twin: one run after the other, and no graph that they share. */
import type { System } from '../../src/system/system.ts';
import { canonicalKey } from '../../src/tabulate/plain.ts';
import type { Trace, TraceStep } from '../../src/trace/trace.ts';
import { checkNaively, type NaiveWalk } from '../naive-checker.ts';

export interface Interleaving {
  /** The steps of the trace, counted from 0, in the order in which they were taken. */
  readonly order: readonly number[];
  readonly reachesEnd: boolean;
}

/** What a trace ends in: a violated property, or, for a failed one, the code of its error. */
type End = { readonly property: string } | { readonly code: string };

/**
 * Every maximal interleaving; undefined when there are more than `max`.
 *
 * @param random when given, so many of them, drawn one by one
 */
export function interleavingsOf(
  system: System,
  { start = 0, steps: trace }: Pick<Trace, 'start' | 'steps'>,
  end: End,
  { max, random }: { max: number; random?: { count: number; next: () => number } },
): Interleaving[] | undefined {
  let walk: NaiveWalk | undefined;
  checkNaively(system, { onWalk: (given) => (walk = given) });
  const { stepsFrom, violates } = walk!;
  const initial = walk!.initial[start];
  const found: Interleaving[] = [];

  /** The steps that come next: each actor's own in their order, equal messages in theirs. */
  const candidates = (order: readonly number[]) =>
    trace.flatMap((step, at) => {
      if (order.includes(at)) return [];
      const earlier = trace.slice(0, at).findIndex((other, index) => !order.includes(index) && areOrdered(other, step));
      return earlier < 0 ? [at] : [];
    });
  const options = (state: unknown, order: readonly number[]) => {
    const enabled = stepsFrom(state).map(({ starter, next, error }) => ({ key: keyOf(starter), next, error }));
    return candidates(order).flatMap((at) => {
      const step = enabled.find(({ key }) => key === keyOf(trace[at]!));
      if (!step) return [];
      if (!step.error) return [{ order: [...order, at], next: step.next, fails: false }];
      return 'code' in end && step.error.code === end.code
        ? [{ order: [...order, at], next: step.next, fails: true }]
        : [];
    });
  };
  const isEnd = (state: unknown) => 'property' in end && violates(state, end.property);

  const all = (state: unknown, order: readonly number[]): boolean => {
    if (found.length > max) return false;
    if (isEnd(state)) return found.push({ order, reachesEnd: true }) <= max;
    const next = options(state, order);
    if (next.length === 0) return found.push({ order, reachesEnd: false }) <= max;
    return next.every((option) =>
      option.fails ? found.push({ order: option.order, reachesEnd: true }) <= max : all(option.next, option.order),
    );
  };
  const one = (next: () => number): Interleaving => {
    let [state, order]: [unknown, readonly number[]] = [initial, []];
    for (;;) {
      if (isEnd(state)) return { order, reachesEnd: true };
      const choices = options(state, order);
      const chosen = choices[Math.floor(next() * choices.length)];
      if (!chosen) return { order, reachesEnd: false };
      if (chosen.fails) return { order: chosen.order, reachesEnd: true };
      [state, order] = [chosen.next, chosen.order];
    }
  };
  if (random) return Array.from({ length: random.count }, () => one(random.next));
  return all(initial, []) ? found : undefined;
}

/** Whether an interleaving has an order: the second step only after the first one, and both of them. */
export function has({ order }: Interleaving, first: number, second: number): boolean {
  return order.includes(first) && order.indexOf(second) > order.indexOf(first);
}

/** Whether it does not take the second step without the first one before it. */
export function respects({ order }: Interleaving, first: number, second: number): boolean {
  return !order.includes(second) || has({ order, reachesEnd: false }, first, second);
}

function areOrdered(one: TraceStep, other: TraceStep): boolean {
  const isStart = ({ kind }: TraceStep) => kind === 'choice' || kind === 'timer';
  return isStart(one) && isStart(other) ? one.actor === other.actor : keyOf(one) === keyOf(other);
}

function keyOf({
  kind,
  actor,
  event,
  timer,
  channel,
  place,
}: Pick<TraceStep, 'kind' | 'actor' | 'event' | 'timer' | 'channel' | 'place'>): string {
  return canonicalKey({ kind, actor, event, timer, channel, place }, 'step');
}
