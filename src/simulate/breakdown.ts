/**
 * Where a measured time goes: from its last message back to its first, step by step, each by what enabled it. What a step waited for and
 * what it worked make up the time between it and the step before, so that nothing is left over.
 */
import { selects } from '../system/property.ts';
import type { MeasureDefinition } from '../system/timing.ts';
import type { TimedMessage, TimedStep } from './timeline.ts';

/** A piece of a measured time. */
export interface Segment {
  readonly actor: string;
  /** The message that the actor takes at the end of it, and the state in which it does; `-` of a machine without states. */
  readonly type: string;
  readonly state: string;
  /** It was enabled, and waited: for a unit of its resource, its timer, a message on its way, or its own earlier work; or it worked. */
  readonly kind: 'waits' | 'works';
  readonly from: number;
  readonly to: number;
}

/** One measured time. */
export interface Passage {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
}

type TimeDefinition = NonNullable<MeasureDefinition['times']>[string];

/** All times of one measure in a timeline, in the order of their ends. */
export function passagesOf(steps: readonly TimedStep[], { from, to, unless, key }: TimeDefinition): Passage[] {
  const begun = new Map<string, number[]>();
  const passages: Passage[] = [];
  const isSeen = (seen: typeof from, { fate, to: receiver, event }: TimedMessage) =>
    (seen.fate ?? 'taken') === fate && selects(seen, receiver, event as never);
  steps.forEach((step, at) => {
    for (const message of step.messages) {
      const name = () => key?.(message.event as never) ?? '';
      if (isSeen(to, message)) {
        const first = begun.get(name())?.shift();
        if (first !== undefined)
          passages.push({ from: steps[first]!.happened, to: step.happened, segments: segmentsOf(steps, first, at) });
      }
      if (unless && isSeen(unless, message)) begun.get(name())?.pop();
      if (isSeen(from, message)) begun.set(name(), [...(begun.get(name()) ?? []), at]);
    }
  });
  return passages;
}

function segmentsOf(steps: readonly TimedStep[], first: number, last: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = last; at > first; ) {
    const { actor, channel, type, state, enabled, began, happened } = steps[at]!;
    const start = steps[first]!.happened;
    const name = actor ?? channel ?? '';
    const add = (kind: Segment['kind'], from: number, to: number) => {
      if (to > Math.max(from, start))
        segments.unshift({ actor: name, type, state, kind, from: Math.max(from, start), to });
    };
    add('works', began, happened);
    add('waits', enabled, began);
    if (enabled <= start) break;
    at = causeOf(steps, at, first);
  }
  return segments;
}

/** The step that enabled another: the last one before it, at the moment at which it was enabled, that had to do with its actor or channel. */
function causeOf(steps: readonly TimedStep[], at: number, first: number): number {
  const { actor, channel, enabled } = steps[at]!;
  let found = -1;
  for (let before = at - 1; before >= first; before--) {
    const step = steps[before]!;
    if (step.happened < enabled) break;
    if (step.happened > enabled) continue;
    if (found < 0) found = before;
    const isOfIt = step.messages.some(({ to, from }) => to === actor || to === channel || from === actor);
    if (isOfIt) return before;
  }
  return found < 0 ? first : found;
}

/** What all passages spend on one thing. */
export interface Share {
  readonly actor: string;
  readonly type: string;
  readonly state: string;
  readonly kind: Segment['kind'];
  /** Of a passage, in the mean over all. */
  readonly time: number;
  /** How often a passage has it. */
  readonly count: number;
}

/** In the order in which they come first; actors whose names differ by numbers only are one. */
export function sharesOf(passages: readonly Passage[]): Share[] {
  const shares = new Map<string, { -readonly [Key in keyof Share]: Share[Key] } & { place: number }>();
  for (const { segments } of passages) {
    segments.forEach((segment, place) => {
      const { type, state, kind } = segment;
      const actor = segment.actor.replaceAll(/\d+/g, '*');
      const name = `${actor} ${kind} ${type} ${state}`;
      const share = shares.get(name) ?? { actor, type, state, kind, time: 0, count: 0, place: 0 };
      share.time += segment.to - segment.from;
      share.count++;
      share.place += place / segments.length;
      shares.set(name, share);
    });
  }
  return [...shares.values()]
    .sort((one, other) => one.place / one.count - other.place / other.count)
    .map(({ place: _, time, count, ...share }) => ({
      ...share,
      time: time / passages.length,
      count: count / passages.length,
    }));
}

/** The passage of a typical length: the median one. Undefined where there is none. */
export function typicalOf(passages: readonly Passage[]): Passage | undefined {
  const sorted = [...passages].sort((one, other) => one.to - one.from - (other.to - other.from));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
