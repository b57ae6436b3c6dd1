/**
 * A trace is data: a path in names instead of numbers, complete enough to be read, drawn, stored, and run again on live
 * actors. It knows no tables; two searches that number things differently give the same trace.
 */

import type { EventObject } from 'xstate';
import { ANSWERS, answersText } from '../system/open-answers.ts';
import { visibleLine } from '../system/visible.ts';
import { footprintOf, type Path, type PathStep, type PossibleStep, type StepKind, startOf } from '../tabulate/path.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import type { LocalState } from '../tabulate/stepper.ts';
import type { Tables } from '../tabulate/tables.ts';
import { timerText, valueText } from './words.ts';

/** One actor's state as data. */
export interface ActorState {
  /** XState's state value: a string, or an object for nested and parallel states. */
  readonly value: unknown;
  readonly context: unknown;
  /** The ids of the armed timers; left out when there are none. */
  readonly timers?: readonly string[];
}

export interface ChannelMessage {
  readonly to: string;
  readonly event: EventObject;
}

/** A global state: every actor, every monitor, every channel. */
export interface SystemState {
  readonly actors: Readonly<Record<string, ActorState>>;
  readonly monitors: Readonly<Record<string, ActorState>>;
  readonly channels: Readonly<Record<string, readonly ChannelMessage[]>>;
}

/** What happens to one message within a step. */
export type MessageFate =
  /** Its receiver took it. */
  | 'taken'
  /** It went into a channel. */
  | 'queued'
  /** It was sent to a channel that is a set, and is there already. */
  | 'merged'
  /** A full channel dropped it. */
  | 'dropped'
  /** A lossy channel lost it. */
  | 'lost'
  /** Its receiver has no transition for it, or fails while it takes it: where a failed trace ends. */
  | 'refused'
  /** Its receiver has no transition for it, and the system says that this is no mistake. */
  | 'ignored'
  /** A full channel holds the step back; no step of a trace contains it. */
  | 'blocked';

export interface TraceMessage {
  readonly fate: MessageFate;
  /** The actor that sent it in this step; left out for a choice, a timer, or a message that leaves a channel. */
  readonly from?: string;
  readonly to: string;
  readonly event: EventObject;
  /** The channel that it entered or left; left out for a message within the step. */
  readonly channel?: string;
}

/** A slot that a step changed. */
export interface Change {
  readonly name: string;
  readonly before: ActorState;
  readonly after: ActorState;
}

export interface TraceStep {
  /** The step's place among the enabled ones of its state: one element of the schedule. */
  readonly index: number;
  readonly kind: 'choice' | 'timer' | 'deliver' | 'duplicate' | 'lose';
  /** The actor that starts it, or that the channel's message is for. */
  readonly actor: string;
  readonly event: EventObject;
  /** For a timer: its id. */
  readonly timer?: string;
  /** For a delivery: the channel. */
  readonly channel?: string;
  /** Of a lost message that is not the oldest of its queue: its place there, from 0. */
  readonly place?: number;
  /** Everything that was sent and taken, in order, the starting message included. */
  readonly messages: readonly TraceMessage[];
  /** The actors and monitors that it changed, in the order of their declaration. */
  readonly changes: readonly Change[];
  /** The actors and channels that it depends on, and those that it changed; two steps with nothing in common commute. */
  readonly footprint: { readonly reads: readonly string[]; readonly writes: readonly string[] };
}

export interface Trace {
  /** Which of several ways to start it begins with, counted from 0; left out for the first one. */
  readonly start?: number;
  readonly initial: SystemState;
  readonly steps: readonly TraceStep[];
  /** The state after the last step. */
  readonly final: SystemState;
  /** The last step broke off with a model error. */
  readonly failed: boolean;
  /** Of a run without an end: the first step, counted from 0, of those that repeat for ever. The last one is the trace's last. */
  readonly cycleStart?: number;
  /** Of a run that ends although steps are enabled: these. Nobody has to take any of them. */
  readonly stops?: readonly EnabledStep[];
}

/** A step that could be taken. */
export type EnabledStep = Pick<TraceStep, 'index' | 'kind' | 'actor' | 'event' | 'timer' | 'channel' | 'place'>;

/**
 * A path in the numbers of its tables, in names; `result.trace` is this one.
 *
 * @example
 * ```ts
 * import { check, traceOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * traceOf(result.tables, result.path!).steps.length; // => 2
 * ```
 */
export function traceOf(tables: Tables, path: Path): Trace {
  const last = path.steps.at(-1);
  const start = startOf(tables, path.initial);
  return {
    ...(start > 0 && { start }),
    initial: stateOf(tables, path.initial),
    steps: path.steps.map((step, index) => stepOf(tables, path.steps[index - 1]?.state ?? path.initial, step)),
    final: stateOf(tables, last?.state ?? path.initial),
    failed: path.failed,
    ...(path.cycleStart !== undefined && { cycleStart: path.cycleStart }),
    ...(path.stops && { stops: path.stops.map((step) => enabledStepOf(tables, step)) }),
  };
}

/**
 * The states along a trace, the initial one first; a trace itself keeps only what changes. Messages stand in their channel
 * in the order of their arrival.
 *
 * @example
 * ```ts
 * import { check, statesOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * statesOf(result.trace).length; // => 3
 * ```
 */
export function statesOf(trace: Trace): SystemState[] {
  const states = [trace.initial];
  for (const [at, step] of trace.steps.entries()) {
    const before = states[at]!;
    states.push(trace.failed && at === trace.steps.length - 1 ? before : stateAfter(before, step));
  }
  return states;
}

function stateAfter({ actors, monitors, channels }: SystemState, step: TraceStep): SystemState {
  const changed = (states: SystemState['actors']) => ({
    ...states,
    ...Object.fromEntries(step.changes.filter(({ name }) => name in states).map(({ name, after }) => [name, after])),
  });
  const contents: Record<string, ChannelMessage[]> = Object.fromEntries(
    Object.entries(channels).map(([name, messages]) => [name, [...messages]]),
  );
  if (step.kind === 'deliver' || step.kind === 'lose') {
    const content = contents[step.channel!]!;
    const wanted = messageKey(heldMessage(contents[step.channel!]!, step));
    const at = step.place ?? content.findIndex((message) => messageKey(message) === wanted);
    content.splice(at, 1);
  }
  for (const { fate, channel, to, event } of step.messages) {
    if (fate === 'queued') contents[channel!]!.push({ to, event });
  }
  return { actors: changed(actors), monitors: changed(monitors), channels: contents };
}

/** What leaves a channel, as it is there: for the channel, where receivers compete for it. */
export function heldMessage(
  content: readonly ChannelMessage[],
  { channel, actor, event }: Pick<TraceStep, 'channel' | 'actor' | 'event'>,
): ChannelMessage {
  return { to: content.some(({ to }) => to === channel) ? channel! : actor, event };
}

function messageKey({ to, event }: ChannelMessage): string {
  return `${to} ${canonicalKey(event, 'message')}`;
}

/**
 * The trace's steps as a string: short, and stable as long as the model does not change. `0/2/1` is a run that ends, `0/2:1/3`
 * one that goes round the steps after the colon for ever, `0/2/1:` one that stops although steps are enabled. `3@0/2/1` begins with
 * another way to start than the first one, which is `0@`.
 *
 * @example
 * ```ts
 * import { check, scheduleOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * scheduleOf(result.trace).split('/').length; // => 2
 * ```
 */
export function scheduleOf({
  start = 0,
  steps,
  cycleStart,
  stops,
}: Pick<Trace, 'start' | 'cycleStart' | 'stops'> & { readonly steps: readonly Pick<TraceStep, 'index'>[] }): string {
  const from = start === 0 ? '' : `${start}@`;
  const text = (first: number, end?: number) =>
    steps
      .slice(first, end)
      .map(({ index }) => index)
      .join('/');
  if (stops) return `${from}${text(0)}:`;
  return from + (cycleStart === undefined ? text(0) : `${text(0, cycleStart)}:${text(cycleStart)}`);
}

/** What `scheduleOf` writes. */
export const SCHEDULE = /^(\d+@)?(\d+(\/\d+)*)?(:(\d+(\/\d+)*)?)?$/;

/**
 * A step as people say it: `worker0.RUN`, or `posted: PAGE_REQUEST -> smmu` for a delivery.
 *
 * @example
 * ```ts
 * import { check, labelOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * result.trace.steps.map(labelOf).sort(); // => ['east.GO', 'north.GO']
 * ```
 */
export function labelOf(step: EnabledStep): string {
  return visibleLine(plainLabel(step));
}

function plainLabel(step: EnabledStep): string {
  const what = eventLabel(step.event);
  switch (step.kind) {
    case 'choice':
      return `${step.actor}.${what}`;
    case 'timer':
      return `${step.actor}.timer ${timerText(step.timer!)}${answersText(step.event)}`;
    case 'deliver':
      return `${step.channel}: ${what} -> ${step.actor}`;
    case 'duplicate':
      return `${step.channel}: ${what} -> ${step.actor}, and stays`;
    case 'lose':
      return `${step.channel}: ${what}${forWhom(step)} is lost${behind(step.place)}`;
    default:
      return step.kind satisfies never;
  }
}

/** Nobody in particular, where receivers compete. */
function forWhom({ actor, channel }: EnabledStep): string {
  return actor === channel ? '' : ` for ${actor}`;
}

/** How far from the head of a queue a message is that is lost. */
function behind(place = 0): string {
  return place === 0 ? '' : ` behind ${place}`;
}

/** How many steps are named of those that nobody has to take. */
const STOPS_MAX = 4;

/** `and nothing more happens: nobody has to PLUG (user)`. */
export function stopText(stops: readonly EnabledStep[]): string {
  const texts = [...new Set(stops.map(optionText))];
  const shown = texts.length <= STOPS_MAX ? texts : texts.slice(0, STOPS_MAX - 1);
  const more = texts.length > shown.length ? `, or anything of ${texts.length - shown.length} more` : '';
  return visibleLine(`and nothing more happens: nobody has to ${shown.join(', or ')}${more}`);
}

function optionText(step: EnabledStep): string {
  const { kind, actor, event, timer, channel, place } = step;
  const what = eventLabel(event);
  switch (kind) {
    case 'choice':
      return `${what} (${actor})`;
    case 'timer':
      return `fire timer ${timerText(timer!)}${answersText(event)} (${actor})`;
    case 'deliver':
      return `deliver ${what} to ${actor} (${channel})`;
    case 'duplicate':
      return `deliver a copy of ${what} to ${actor} (${channel})`;
    case 'lose':
      return `lose ${what}${forWhom(step)}${behind(place)} (${channel})`;
    default:
      return kind satisfies never;
  }
}

/** `PAGE_REQUEST(page=p1, last=true)`, and with what open guards said: `SUBMIT [isValid]`. */
export function eventLabel(event: EventObject): string {
  const { type, ...payload } = event;
  const fields = Object.entries(payload).flatMap(([key, value]) =>
    key === ANSWERS ? [] : `${key}=${valueText(value)}`,
  );
  return visibleLine(`${fields.length === 0 ? type : `${type}(${fields.join(', ')})`}${answersText(event)}`);
}

/** A state vector in names. */
export function stateOf(tables: Tables, state: Int32Array): SystemState {
  const local = (slot: number) => actorState(tables.actors[slot]!.locals[state[slot]!]!);
  const named = (from: number, to?: number) =>
    Object.fromEntries(tables.actors.slice(from, to).map((actor) => [actor.name, local(actor.slot)]));
  return {
    actors: named(0, tables.actorCount),
    monitors: named(tables.actorCount),
    channels: Object.fromEntries([...tables.partsOf].map(([name, parts]) => [name, tables.envelopes(parts, state)])),
  };
}

export function actorState({ snapshot, timers }: LocalState): ActorState {
  const armed = timers.length === 0 ? {} : { timers: timers.map((timer) => timer.id) };
  return { value: snapshot.value, context: snapshot.context, ...armed };
}

const FROM_CHANNEL: Record<StepKind, TraceStep['kind']> = {
  start: 'choice',
  deliver: 'deliver',
  duplicate: 'duplicate',
  lose: 'lose',
};

/** The label of a step, without the trace that it is in: that names all actors, and may be asked for each of their steps. */
export function stepLabel(tables: Tables, step: PossibleStep): string {
  return labelOf(enabledStepOf(tables, step));
}

/** A step in names, as a trace has it, but for what it does. */
export function enabledStepOf(tables: Tables, step: PossibleStep): EnabledStep {
  const { to, event, timer } = tables.messages[step.message]!;
  const channel = tables.channelAt(step.channelSlot)?.name;
  return {
    index: step.index,
    kind: timer ? 'timer' : FROM_CHANNEL[step.kind],
    actor: tables.nameOf(to),
    event,
    ...(timer && { timer: timer.id }),
    ...(channel !== undefined && { channel }),
    ...(step.place !== undefined && { place: step.place }),
  };
}

function stepOf(tables: Tables, before: Int32Array, step: PathStep): TraceStep {
  const enabled = enabledStepOf(tables, step);
  const { channel } = enabled;
  const nameOf = (slot: number) => tables.nameOf(slot);
  const namesOf = (slots: readonly number[]) => [...new Set(slots.map(nameOf))];
  const messages = step.records.map((record): TraceMessage => {
    const message = tables.messages[record.message]!;
    const starts = record.from === undefined;
    const through = starts ? channel : tables.channelAt(record.slot)?.name;
    return {
      fate: record.kind,
      ...(record.from !== undefined && { from: nameOf(record.from) }),
      to: nameOf(message.to),
      event: message.event,
      ...(through !== undefined && { channel: through }),
    };
  });
  const { reads, writes } = footprintOf(step);
  const changes = tables.actors.flatMap(({ name, slot, locals }): Change[] => {
    if (before[slot] === step.state[slot]) return [];
    return [{ name, before: actorState(locals[before[slot]!]!), after: actorState(locals[step.state[slot]!]!) }];
  });
  return {
    ...enabled,
    messages,
    changes,
    footprint: { reads: namesOf(reads), writes: namesOf(writes) },
  };
}
