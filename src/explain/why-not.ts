/**
 * Why a step is not enabled in a state of a trace: the guard, the refusal or the missing message that keeps it from happening.
 */
import type { EventObject } from 'xstate';
import { closest, UsageError } from '../system/errors.ts';
import { answersText } from '../system/open-answers.ts';
import type { Path } from '../tabulate/path.ts';
import type { ActorTable, ChannelTable, Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { eventLabel } from '../trace/trace.ts';
import { timerText } from '../trace/words.ts';
import { choiceHindrance, deliveryHindrance, type Hindrance } from './hindrance.ts';
import { eventsOf, missingTransition } from './missing-transition.ts';

export interface StepAnswer {
  /** As in a trace: `worker0.RUN`, `posted: PAGE_REQUEST -> smmu`. */
  readonly step: string;
  /** Null when nothing hinders it: it is enabled. */
  readonly hindrance: Hindrance | null;
}

export interface WhyNot {
  /** The actor or channel that was asked for, and the event. */
  readonly name: string;
  readonly event: string;
  /** Steps of the trace that were taken before: 0 is the initial state. */
  readonly at: number;
  /** The steps that were asked for: an actor may have several choices of one type. */
  readonly answers: readonly StepAnswer[];
}

/** There is nothing of the name that was asked for. */
export class UnknownStep extends UsageError {
  override readonly name = 'UnknownStep';
}

/**
 * @param question `ACTOR EVENT` or `CHANNEL EVENT`; the event is a type, or a type with its payload as traces show it
 * @param at after how many steps of the path; left out, after the last one
 * @throws UnknownStep when the system has no such actor, channel or event, or the path no such state
 *
 * @example
 * ```ts
 * import { check, whyNot } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * whyNot(result.tables, result.path!, 'north GO').answers.length; // => 1
 * ```
 */
export function whyNot(tables: Tables, path: Path, question: string, at = endOf(path)): WhyNot {
  if (!Number.isInteger(at) || at < 0 || at > endOf(path)) {
    throw new UnknownStep(
      `the trace has no state after step ${at}`,
      `there are 0 (the start) to ${endOf(path)} (the end)`,
    );
  }
  const { name, event } = parse(tables, question);
  const state = at === 0 ? path.initial : path.steps[at - 1]!.state;
  const walker = new Walker(tables);
  const parts = tables.partsOf.get(name);
  const answers = parts
    ? deliveries(walker, state, parts, event)
    : ofActor(walker, state, tables.actors[tables.slotOf(name)!]!, event);
  return { name, event, at, answers };
}

/**
 * Whether a system has what a question is about.
 *
 * @throws UnknownStep when it does not
 */
export function checkQuestion(tables: Tables, question: string): void {
  const walker = new Walker(tables);
  walker.start();
  whyNot(tables, { initial: walker.current.slice(), steps: [], failed: false }, question);
}

/** A failing step leads to no state. */
function endOf({ steps, failed }: Path): number {
  return failed ? steps.length - 1 : steps.length;
}

function parse(tables: Tables, question: string): { name: string; event: string } {
  const names = [...Object.keys(tables.system.actors), ...tables.partsOf.keys()];
  const asked = question.trim();
  const known = names
    .filter((name) => asked.startsWith(name) && /^[\s.:]/.test(asked.slice(name.length)))
    .sort((one, other) => other.length - one.length)[0];
  if (known !== undefined) {
    const event = asked.slice(known.length).replace(/^[\s.:]+/, '');
    if (event !== '') return { name: known, event };
  }
  const [name = '', event = ''] = asked.split(/[\s.:]+/, 2);
  if (names.includes(name) || event === '') {
    throw new UnknownStep(`"${question}" names no event`, "ask as in 'worker0 RUN': an actor or channel, and an event");
  }
  throw new UnknownStep(`there is no actor or channel "${name}"`, possible(name, names));
}

function ofActor(walker: Walker, state: Int32Array, actor: ActorTable, asked: string): StepAnswer[] {
  const { tables } = walker;
  const isAsked = asks(asked);
  const local = state[actor.slot]!;
  const choices = actor.choices
    .filter((message) => isAsked(tables.messages[message]!.event))
    .flatMap((message) => tables.waysOf(actor, local, message));
  const answers = [...new Set(choices)].map((message): StepAnswer => {
    const step = `${actor.name}.${eventLabel(tables.messages[message]!.event)}`;
    return { step, hindrance: choiceHindrance(walker, state, message) ?? null };
  });
  const { timers } = actor.locals[local]!;
  for (const timer of timers) {
    const { id, event } = timer;
    if (!isAsked(event) && id !== asked && !isTimer(id, asked)) continue;
    for (const message of tables.waysOfTimer(actor, local, timer)) {
      const step = `${actor.name}.timer ${timerText(id)}${answersText(tables.messages[message]!.event)}`;
      answers.push({ step, hindrance: choiceHindrance(walker, state, message) ?? null });
    }
  }
  answers.push(...waiting(walker, state, tables.channels, isAsked, actor));
  return answers.length > 0 ? answers : notThere(tables, state, actor, asked);
}

/** About what the actor neither may choose, nor has a timer for, nor finds in a channel. */
function notThere(tables: Tables, state: Int32Array, actor: ActorTable, asked: string): StepAnswer[] {
  const known = knownEvents(tables, actor);
  const type =
    known.find((name) => name === asked || asked.startsWith(`${name}(`) || isTimer(name, asked)) ??
    wildcard(known, asked);
  if (type === undefined)
    throw new UnknownStep(`actor "${actor.name}" knows no event "${asked}"`, possible(asked, known));
  const step = `${actor.name}.${asked}`;
  if (/^xstate\.(after|done)\./.test(type)) {
    return [{ step, hindrance: { kind: 'no-timer', text: `no timer \`${timerText(type)}\` is armed` } }];
  }
  if (actor.choices.some((message) => tables.messages[message]!.event.type === type)) {
    const labels = actor.choices.map((message) => eventLabel(tables.messages[message]!.event));
    throw new UnknownStep(`"${asked}" is no choice of actor "${actor.name}"`, possible(asked, labels));
  }
  const carriers = Object.entries(tables.system.channels).filter(([, { to, types }]) => {
    return to.includes(actor.name) && (types.length === 0 || types.includes(type));
  });
  if (carriers.length > 0) {
    return carriers.map(([name]) => ({
      step: `${name}: ${asked} -> ${actor.name}`,
      hindrance: absent(tables, state, name, asked),
    }));
  }
  const missing = missingTransition(actor.stepper.machine, actor.locals[state[actor.slot]!]!.snapshot, { type });
  const now = missing ? `; if it came now: ${missing.text}` : '';
  const text = `nothing starts with ${asked}: others send it to ${actor.name} within their steps${now}`;
  return [{ step, hindrance: { kind: 'not-started', text } }];
}

function deliveries(walker: Walker, state: Int32Array, parts: readonly ChannelTable[], asked: string): StepAnswer[] {
  // What follows the arrow of a label is the receiver.
  const [, event = asked, receiver] = /^(.*?)\s*->\s*([\w-]+)$/.exec(asked) ?? [];
  const { tables } = walker;
  const {
    name: channel,
    channel: { to, types },
  } = parts[0]!;
  const receivers = tables.actors.filter(({ name }) => to.includes(name));
  const wanted = receiver === undefined ? undefined : receivers.find(({ name }) => name === receiver);
  if (receiver !== undefined && !wanted) {
    throw new UnknownStep(`channel "${channel}" does not lead to "${receiver}"`, possible(receiver, to));
  }
  const found = waiting(walker, state, parts, asks(event), wanted);
  if (found.length > 0) return found;
  const known = types.length > 0 ? types : receivers.flatMap((actor) => knownEvents(tables, actor));
  if (!known.some((type) => type === event || event.startsWith(`${type}(`))) {
    throw new UnknownStep(`channel "${channel}" carries no "${event}"`, possible(event, [...new Set(known)]));
  }
  return [{ step: `${channel}: ${asked}`, hindrance: absent(tables, state, channel, event) }];
}

/** The messages of some channels that were asked for. */
function waiting(
  walker: Walker,
  state: Int32Array,
  channels: readonly ChannelTable[],
  isAsked: (event: EventObject) => boolean,
  receiver: ActorTable | undefined,
): StepAnswer[] {
  const { tables } = walker;
  return channels.flatMap((channel) => {
    const content = new Set(channel.contents[state[channel.slot]!]!);
    const offered = [...content].flatMap((message) => tables.messages[message]!.takers ?? [message]);
    return offered.flatMap((message): StepAnswer[] => {
      const { to, event } = tables.messages[message]!;
      if (!isAsked(event) || (receiver !== undefined && receiver.slot !== to)) return [];
      const step = `${channel.name}: ${eventLabel(event)} -> ${tables.actors[to]!.name}`;
      return [{ step, hindrance: deliveryHindrance(walker, state, channel, message) ?? null }];
    });
  });
}

function absent(tables: Tables, state: Int32Array, channel: string, event: string): Hindrance {
  const held = tables.envelopes(tables.partsOf.get(channel)!, state).map((envelope) => eventLabel(envelope.event));
  const content = held.length === 0 ? 'it is empty' : `it holds ${held.join(', ')}`;
  return { kind: 'no-message', text: `no ${event} is in channel ${channel}: ${content}` };
}

/** By its type, or by its label. */
function asks(asked: string): (event: EventObject) => boolean {
  const plain = asked.replaceAll(/\s+/g, '');
  return (event) => event.type === asked || eventLabel(event).replaceAll(/\s+/g, '') === plain;
}

/** `timer after 1000 in waiting`, as in a trace, or without the first word. */
function isTimer(id: string, asked: string): boolean {
  return timerText(id) === asked.replace(/^timer\s+/, '');
}

/** An actor that takes everything knows everything. */
function wildcard(known: readonly string[], asked: string): string | undefined {
  return known.includes('*') ? asked.replace(/\(.*$/, '') : undefined;
}

/** What it has transitions for, and what it may choose. */
function knownEvents(tables: Tables, { stepper, choices }: ActorTable): string[] {
  const chosen = choices.map((message) => tables.messages[message]!.event.type);
  return [...new Set([...eventsOf(stepper.machine), ...chosen])];
}

function possible(got: string, known: readonly string[]): string {
  const guess = closest(got, known);
  const all = `there are: ${known.join(', ')}`;
  return guess === undefined ? all : `did you mean "${guess}"? ${all}`;
}
