/**
 * The `timing` section: what the steps of a system cost. It adds no step and takes none away; `docs/timing.md` says what it means.
 */
import type { AnyMachineSnapshot, EventObject, StateValue } from 'xstate';
import type { Duration } from './durations.ts';
import type { MessagePattern } from './property.ts';

/** Units of time; machines have their delays in milliseconds, whatever the section is written in. */
export const UNITS = { ns: 1e6, us: 1e3, ms: 1, s: 1e-3 } as const;
export type TimeUnit = keyof typeof UNITS;

/** What a duration may depend on: the message that is taken, and who takes it. */
export interface StepView {
  readonly event: EventObject & Readonly<Record<string, unknown>>;
  readonly value: StateValue;
  readonly context: Readonly<Record<string, unknown>>;
}

/** A duration, or a pure function that gives one. */
export type Takes = Duration | ((view: StepView) => Duration);

/** What it costs an actor to take a message: a choice or a timer of its own, or what a channel delivers to it. */
export interface StepTiming {
  /** Only in these states of the actor, as `matches` takes them; left out, in all. The first timing that fits counts. */
  readonly in?: StateValue | readonly StateValue[];
  /** Choices need one; timers and deliveries take no time of their own, beyond the delay and the latency, if it is left out. */
  readonly takes?: Takes;
  /** The resource of which a unit is held for that time. */
  readonly uses?: string;
  /**
   * When the step happens: at the `end` (default) of that time, or at its `start`, and then its actor is busy and holds the unit until
   * the end.
   */
  readonly effect?: 'start' | 'end';
  /** Of the enabled choices of an actor that have a weight, one is drawn, in proportion to it. Those without one race. */
  readonly weight?: number;
  /** Of a timer: in the place of the delay that the machine gives it. */
  readonly delay?: Takes;
  /** Of choices that each name a thing of the population, as the pages that a device may touch: they do not race, but one is drawn. */
  readonly draws?: DrawTiming;
}

/** Which thing it is, of a range of them. They have numbers from 0 on, in the order in which the population is declared. */
export interface DrawTiming {
  /**
   * `uniform`: each is as likely. `in turn`: one after the other, and from the first again after the last. `zipf`: the k-th in
   * proportion to 1 / k^exponent.
   */
  readonly order: 'uniform' | 'in turn' | 'zipf';
  /** The first; 0 when it is left out. */
  readonly from?: number;
  /** How many; all that follow when it is left out. */
  readonly count?: number;
  /** Of `zipf`: 1 when it is left out. */
  readonly exponent?: number;
}

export interface ResourceTiming {
  /** How many of it there are. Who asks first is served first. */
  readonly units: number;
  /** From when a unit is given to somebody until it begins to work; the unit is held meanwhile. */
  readonly wakeUp?: Duration;
  /**
   * `true`: an actor that goes on at once with something that uses the resource keeps its unit, and needs no waking up.
   *
   * States, by name of an actor or by the beginning of names: an actor whose step has taken a unit keeps it as long as it is in one
   * of them, whatever it does there or waits for. `{ 'worker*': 'active' }` is a slot of a work queue.
   */
  readonly keeps?: boolean | Readonly<Record<string, StateValue | readonly StateValue[]>>;
}

export interface ChannelTiming {
  /** From when a message is on its way until it can be delivered. */
  readonly latency?: Duration | ((event: StepView['event']) => Duration);
  /** Sizes per unit of time: messages leave one after the other. Needs `size`. */
  readonly bandwidth?: number;
  readonly size?: number | ((event: StepView['event']) => number);
  /** Of a lossy channel: the probability that a message is lost when it would be delivered. */
  readonly loses?: number;
  /** Of a duplicating channel: the probability that a message stays when it is delivered. */
  readonly duplicates?: number;
}

export interface Timing {
  /** Of all times in it; microseconds when left out. */
  readonly unit?: TimeUnit;
  readonly resources?: Readonly<Record<string, ResourceTiming>>;
  /** By name, or by the beginning of names (`worker*`); then by type of message, or `*` for all. */
  readonly actors?: Readonly<Record<string, Readonly<Record<string, Duration | StepTiming | readonly StepTiming[]>>>>;
  readonly channels?: Readonly<Record<string, ChannelTiming>>;
}

/** Messages, by what becomes of them; left out, those that somebody takes. */
export interface Seen extends MessagePattern {
  readonly fate?: 'taken' | 'queued' | 'dropped' | 'lost';
}

export interface MeasureDefinition {
  /** The mean over time, and the most, of a number: the sum over some actors (by name or `q*`), or how many messages a channel holds. */
  readonly gauges?: Readonly<
    Record<
      string,
      { readonly actors: string; value(snapshot: AnyMachineSnapshot): number } | { readonly channel: string }
    >
  >;
  readonly counters?: Readonly<Record<string, Seen>>;
  /**
   * The time from one message to another. The k-th end belongs to the k-th beginning; with a `key`, of those with the same one. Ends
   * without a beginning are not counted. `unless` takes back the latest beginning: that one will have no end.
   */
  readonly times?: Readonly<
    Record<
      string,
      {
        readonly from: Seen;
        readonly to: Seen;
        readonly unless?: Seen;
        key?(event: EventObject & Record<string, unknown>): string;
      }
    >
  >;
}

/** The `timing` of a scenario: with what is measured, and for how long. */
export interface ScenarioTiming extends Timing {
  readonly measures?: MeasureDefinition;
  /** How many things the system's `population` has; left out, those that it names. */
  readonly population?: number;
  /** For how long, in its unit, unless somebody asks for another time; a second when it is left out. */
  readonly time?: number;
  /** How much of that is not measured; the first tenth when it is left out. */
  readonly warmUp?: number;
}
