/**
 * What a message chart shows beyond the trace's own records: which messages overtake others, which are answers, what is
 * in the channels, and who holds which lock. It is read off the trace alone, so that it holds for any model:
 *
 * - A message *overtakes* when it is taken before one that the same sender sent to the same receiver earlier.
 * - A message is an *answer* when its sender has, in the same step, taken a message from its receiver.
 * - An answer is *automatic* when it stands in for one that comes from elsewhere: it says by whom it is (`by`), or
 *   another actor sends the receiver such messages, too, and not as answers.
 * - A *lock* is an actor that takes ACQUIRE, LOCK, TAKE, GRAB or DOWN. It is held from there until its state is again the
 *   one that it began in, by the actor that the message names as `by`, or else by its sender. A lock without a state of
 *   its own is never held beyond a step.
 */
import type { EventObject } from 'xstate';
import { canonicalKey } from '../tabulate/plain.ts';
import {
  type Change,
  type ChannelMessage,
  heldMessage,
  type Trace,
  type TraceMessage,
  type TraceStep,
} from './trace.ts';

export interface SequenceMessage extends TraceMessage {
  /** For what leaves a channel: who sent it, and in which step, counted from 0; undefined if it was there at the start. */
  readonly sender?: string;
  readonly sentIn?: number;
  readonly answer: 'none' | 'plain' | 'automatic';
  /** The earliest message that it overtakes, and the step that sent it. */
  readonly overtakes?: { readonly event: EventObject; readonly step: number };
}

export interface SequenceStep {
  readonly step: TraceStep;
  readonly messages: readonly SequenceMessage[];
  readonly changes: readonly Change[];
  /** Changes of monitors. */
  readonly ghosts: readonly Change[];
  /** Contents after the step of the channels that it changed, or that were full, in the order of their arrival. */
  readonly queues: readonly { readonly channel: string; readonly content: readonly ChannelMessage[] }[];
}

/** A place in a chart: a message of a step, both counted from 0. */
export interface Place {
  readonly step: number;
  readonly message: number;
}

export interface Hold {
  readonly lock: string;
  readonly holder: string;
  readonly from: Place;
  /** Left out when it is held at the end. */
  readonly to?: Place;
}

export interface Sequence {
  /** Who takes part: actors and channels, in the order of their first appearance. */
  readonly lifelines: readonly Lifeline[];
  readonly steps: readonly SequenceStep[];
  readonly holds: readonly Hold[];
}

export interface Lifeline {
  readonly kind: 'actor' | 'channel';
  readonly name: string;
}

/** What is known of a trace besides its steps; all charts show it in their way. */
export interface ChartMarks {
  /** The property that the last state violates. */
  readonly property?: string;
  /** Nothing can happen in the last state. */
  readonly deadEnd?: boolean;
  /** Why the last step of a failed trace broke off. */
  readonly error?: { readonly message: string };
  /** The steps that repeat for ever, the first and the last of them, counted from 0. Left out, those of the trace. */
  readonly cycle?: { readonly from: number; readonly to: number };
  /** Pairs of steps, counted from 0, whose order decides: they stand out, and are connected. */
  readonly races?: readonly (readonly [first: number, second: number])[];
}

/** The steps of a trace that repeat for ever, for a chart's marks. */
export function cycleOf({ steps, cycleStart }: Trace): Pick<ChartMarks, 'cycle'> {
  return cycleStart === undefined ? {} : { cycle: { from: cycleStart, to: steps.length - 1 } };
}

export function sequenceOf(trace: Trace): Sequence {
  const answers = trace.steps.map(({ messages }) => answersIn(messages));
  const isAlsoSent = unaskedMessages(trace, answers);
  const flight = new Flight(trace);
  const steps = trace.steps.map((step, at): SequenceStep => {
    const { messages, touched } = flight.step(step, at);
    return {
      step,
      messages: messages.map((message, index) => {
        if (!answers[at]![index]) return { ...message, answer: 'none' };
        const automatic = namedIn(message.event) === message.from || isAlsoSent(message);
        return { ...message, answer: automatic ? 'automatic' : 'plain' };
      }),
      changes: step.changes.filter(({ name }) => name in trace.initial.actors),
      ghosts: step.changes.filter(({ name }) => !(name in trace.initial.actors)),
      queues: touched.map((channel) => ({ channel, content: flight.content(channel) })),
    };
  });
  return { lifelines: lifelinesOf(trace), steps, holds: holdsOf(trace) };
}

/** `overtakes PING of step 3`. */
export function overtakingText({ overtakes }: SequenceMessage): string | undefined {
  if (!overtakes) return undefined;
  const { event, step } = overtakes;
  return `overtakes ${event.type}${step < 0 ? '' : ` of step ${step + 1}`}`;
}

/** `ITEM ×3, DONE`: what is in a channel, the first to come first. */
export function countedText(content: readonly ChannelMessage[]): string {
  const runs: { type: string; count: number }[] = [];
  for (const { type } of content.map(({ event }) => event)) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs.map(({ type, count }) => (count === 1 ? type : `${type} ×${count}`)).join(', ');
}

// --- channels ---

interface Flying extends ChannelMessage {
  readonly key: string;
  readonly from?: string;
  readonly step: number;
  /** Its place among all that were sent. */
  readonly order: number;
  /** A copy of it was delivered already: what comes after that overtakes nothing. */
  arrived: boolean;
}

/** The messages that are on their way. */
class Flight {
  readonly #channels: Map<string, Flying[]>;
  readonly #failing: TraceStep | undefined;
  #order = 0;

  constructor({ initial, steps, failed }: Trace) {
    this.#failing = failed ? steps.at(-1) : undefined;
    this.#channels = new Map(
      Object.entries(initial.channels).map(([name, messages]) => [name, messages.map((one) => this.#sent(one, -1))]),
    );
  }

  content(channel: string): ChannelMessage[] {
    return (this.#channels.get(channel) ?? []).map(({ to, event }) => ({ to, event }));
  }

  step(
    step: TraceStep,
    at: number,
  ): { messages: readonly Omit<SequenceMessage, 'answer'>[]; touched: readonly string[] } {
    const touched = new Set<string>();
    const messages = step.messages.map((message, index) => {
      const { fate, from, to, event, channel } = message;
      if (index === 0 && step.channel !== undefined) {
        touched.add(step.channel);
        return this.#leave(step, message);
      }
      if (channel !== undefined) touched.add(channel);
      if (fate === 'queued' && channel !== undefined) {
        this.#channels.get(channel)?.push(this.#sent({ to, event }, at, from));
      }
      if (fate !== 'taken' || from === undefined) return message;
      return withOvertaken(message, this.#overtaken(from, to, this.#order));
    });
    // A step that broke off leaves everything as it was.
    return { messages, touched: step === this.#failing ? [] : [...touched] };
  }

  #leave(step: TraceStep, message: TraceMessage): Omit<SequenceMessage, 'answer'> {
    const content = this.#channels.get(step.channel!) ?? [];
    const key = keyOf(heldMessage(content, step));
    const found = step.place === undefined ? content.find((flying) => flying.key === key) : content[step.place];
    if (!found) return message;
    const { from } = found;
    if (step.kind === 'duplicate') found.arrived = true;
    else content.splice(content.indexOf(found), 1);
    const known = {
      ...message,
      ...(from !== undefined && { sender: from }),
      ...(found.step >= 0 && { sentIn: found.step }),
    };
    if (step.kind === 'lose' || from === undefined) return known;
    return withOvertaken(known, this.#overtaken(from, found.to, found.order));
  }

  #overtaken(from: string, to: string, order: number): Flying | undefined {
    return [...this.#channels.values()]
      .flat()
      .filter((one) => one.from === from && one.to === to && one.order < order && !one.arrived)
      .sort((one, other) => one.order - other.order)[0];
  }

  #sent({ to, event }: ChannelMessage, step: number, from?: string): Flying {
    const key = keyOf({ to, event });
    return { to, event, key, ...(from !== undefined && { from }), step, order: this.#order++, arrived: false };
  }
}

function withOvertaken<M extends TraceMessage>(message: M, flying: Flying | undefined) {
  return flying ? { ...message, overtakes: { event: flying.event, step: flying.step } } : message;
}

function keyOf({ to, event }: ChannelMessage): string {
  return `${to} ${canonicalKey(event, 'message')}`;
}

// --- answers ---

/** Per message of a step, whether it is an answer within that step. */
function answersIn(messages: readonly TraceMessage[]): boolean[] {
  const asked: { from: string; to: string }[] = [];
  return messages.map(({ fate, from, to }) => {
    if (fate !== 'taken' || from === undefined) return false;
    const question = asked.findLastIndex((one) => one.from === to && one.to === from);
    if (question < 0 || from === to) {
      asked.push({ from, to });
      return false;
    }
    asked.splice(question, 1);
    return true;
  });
}

/** Whether another actor sends messages of the same type to the same receiver without being asked, somewhere in the trace. */
function unaskedMessages(trace: Trace, answers: readonly (readonly boolean[])[]): (message: TraceMessage) => boolean {
  const senders = new Map<string, Set<string>>();
  const keyed = ({ to, event }: TraceMessage) => `${to} ${event.type}`;
  for (const [at, { messages }] of trace.steps.entries()) {
    for (const [index, message] of messages.entries()) {
      if (message.from === undefined || answers[at]![index]) continue;
      senders.set(keyed(message), (senders.get(keyed(message)) ?? new Set()).add(message.from));
    }
  }
  return (message) => [...(senders.get(keyed(message)) ?? [])].some((sender) => sender !== message.from);
}

// --- locks ---

const ACQUIRE = /^(ACQUIRE|LOCK|TAKE|GRAB|DOWN)(?![a-z])/i;
const RELEASE = /^(RELEASE|UNLOCK|PUT|DROP|RETURN|GIVE|UP)(?![a-z])/i;

function holdsOf({ initial, steps }: Trace): Hold[] {
  const holds: Hold[] = [];
  const free = new Map(Object.entries(initial.actors).map(([name, { value }]) => [name, valueKey(value)]));
  const values = new Map(free);
  const open = new Map<string, Hold>();
  for (const [at, step] of steps.entries()) {
    const lastTaken = new Map<string, number>();
    const close = (hold: Hold) => {
      const message = lastTaken.get(hold.lock);
      const released = message !== undefined && (hold.from.step < at || message > hold.from.message);
      if (released && (hold.from.step < at || RELEASE.test(step.messages[message]!.event.type))) {
        holds.push({ ...hold, to: { step: at, message } });
      }
      open.delete(hold.lock);
    };
    for (const [message, { fate, from, to: lock, event }] of step.messages.entries()) {
      if (fate !== 'taken') continue;
      if (from !== undefined && ACQUIRE.test(event.type)) {
        const held = open.get(lock);
        if (held) close(held);
        const named = namedIn(event);
        const holder = named !== undefined && named in initial.actors ? named : from;
        open.set(lock, { lock, holder, from: { step: at, message } });
      }
      lastTaken.set(lock, message);
    }
    for (const { name, after } of step.changes) values.set(name, valueKey(after.value));
    for (const hold of [...open.values()]) if (values.get(hold.lock) === free.get(hold.lock)) close(hold);
  }
  const place = ({ from }: Hold) => from.step * 1e6 + from.message;
  return [...holds, ...open.values()].sort((one, other) => place(one) - place(other));
}

/** By whom a message says that it is. */
function namedIn(event: EventObject): string | undefined {
  const { by } = event as { by?: unknown };
  return typeof by === 'string' ? by : undefined;
}

function valueKey(value: unknown): string {
  return canonicalKey(value, 'value');
}

// --- who takes part ---

function lifelinesOf(trace: Trace): Lifeline[] {
  const lifelines = new Map<string, Lifeline>();
  const add = (kind: Lifeline['kind'], name: string | undefined) => {
    if (name !== undefined) lifelines.set(`${kind} ${name}`, { kind, name });
  };
  const { actors, channels } = trace.initial;
  for (const { actor, channel, messages, changes } of trace.steps) {
    // What leaves a channel stands before its receiver; what is lost that was for nobody in particular has none.
    add('channel', channel);
    if (actor in actors) add('actor', actor);
    for (const { from, to, channel: through } of messages) {
      add('actor', from);
      if (from !== undefined) add('channel', through);
      if ((from === undefined || through === undefined) && to in actors) add('actor', to);
    }
    for (const { name } of changes) if (name in actors) add('actor', name);
  }
  // A trace without steps still is a chart.
  if (lifelines.size === 0) {
    for (const name of Object.keys(actors)) add('actor', name);
    for (const name of Object.keys(channels)) add('channel', name);
  }
  return [...lifelines.values()];
}
