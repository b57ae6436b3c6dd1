/**
 * Which parts of a system make its search slow: those with nearly as many values as there are states.
 *
 * A search is fast where many states are put together from few values: XState is asked once for a value, and all that is known of it is
 * looked up from then on. An actor that keeps a history has a new value in nearly every state, and then each is asked for, and kept.
 */
import type { ActorTable, ChannelTable, Tables } from '../tabulate/tables.ts';
import { contextsOf, fieldsOf, shortKeyOf } from './context-fields.ts';

/** An actor, monitor or channel with very many values. */
export interface CostlyPart {
  readonly name: string;
  readonly kind: 'actor' | 'monitor' | 'channel';
  /** How many local states, or contents. Of a channel that is tabulated by receiver and type of message: for the ones with most. */
  readonly values: number;
}

export interface Costly extends CostlyPart {
  /** What varies of it, what has most values first. */
  readonly fields: readonly CostlyField[];
  /** What to split, to bound or to forget. */
  readonly advice: string;
}

export interface CostlyField {
  /** Of a context. Of a channel, `length` or `messages`: how many messages there are in it, and which. */
  readonly field: string;
  /** How many different ones; where there are more than a quarter of a million local states, in many of them, evenly spread. */
  readonly values: number;
}

/** No more are soon worked out, however few states there are. */
const VALUES_MIN = 10_000;
/** So many states of a value make up for it. */
const STATES_PER_VALUE = 10;
/** So many local states are enough to tell fields by, and to look at them takes seconds. */
const LOOKED_AT_MAX = 2 ** 18;
/** More fields tell nobody more. */
const APART_MAX = 3;

/** The parts that make a search slow which has found so many states; the one with most values first. */
export function costlyIn(tables: Tables, states: number): Costly[] {
  return costlySlots(tables, states).map((slot) => {
    const channel = tables.channelAt(slot);
    return { ...partAt(tables, slot), ...(channel ? aboutChannel(tables, channel) : aboutActor(tables.actors[slot]!)) };
  });
}

/** The one with most values, while a search goes on: this takes no time. */
export function costliest(tables: Tables, states: number): CostlyPart | undefined {
  const [slot] = costlySlots(tables, states);
  return slot === undefined ? undefined : partAt(tables, slot);
}

function costlySlots(tables: Tables, states: number): number[] {
  const counts = tables.valueCounts();
  const slots = [...counts.keys()]
    .filter((slot) => counts[slot]! > VALUES_MIN && counts[slot]! * STATES_PER_VALUE > states)
    .sort((one, other) => counts[other]! - counts[one]!);
  // Of a channel in parts, one tells what to do.
  const channels = new Set<string>();
  return slots.filter((slot) => {
    const channel = tables.channelAt(slot);
    return !channel || channels.size < channels.add(channel.name).size;
  });
}

function partAt(tables: Tables, slot: number): CostlyPart {
  const channel = tables.channelAt(slot);
  const { name } = channel ?? tables.actors[slot]!;
  if (channel) return { name, kind: 'channel', values: channel.contents.length };
  return { name, kind: slot < tables.actorCount ? 'actor' : 'monitor', values: tables.actors[slot]!.locals.length };
}

type About = Pick<Costly, 'fields' | 'advice'>;

function aboutActor(actor: ActorTable): About {
  const every = Math.ceil(actor.locals.length / LOOKED_AT_MAX);
  const contexts = contextsOf(actor).filter((_, local) => local % every === 0);
  const fields = inOrder(fieldsOf(contexts).map((field) => ({ field, values: valuesOf(field, contexts) })));
  // Wherever it is put, it makes the search slow.
  const large = fields.filter(({ values }) => values > VALUES_MIN);
  if (large.length > 0)
    return { fields, advice: `bound ${inText(large)}, or forget there what nobody asks for any more` };
  const apart = fields.length < 2 ? '' : `, so that ${inText(fields.slice(0, APART_MAX))} are not in the same one`;
  return { fields, advice: `split it into several${apart}: its values are combinations` };
}

function inText(fields: readonly CostlyField[]): string {
  return fields.map(({ field }) => `context.${field}`).join(' and ');
}

function valuesOf(field: string, contexts: readonly Readonly<Record<string, unknown>>[]): number {
  // What a step leaves alone stays the same object.
  const objects = new Set(contexts.map((context) => context[field]));
  return new Set([...objects].map((value) => shortKeyOf(value, field))).size;
}

function aboutChannel(tables: Tables, { part, channel, contents }: ChannelTable): About {
  const lengths = new Set<number>();
  const messages = new Set<number>();
  for (const content of contents) {
    lengths.add(content.length);
    for (const message of content) messages.add(message);
  }
  const fields = inOrder([
    { field: 'length', values: lengths.size },
    { field: 'messages', values: messages.size },
  ]);
  const types = [...new Set([...messages].map((message) => tables.messages[message]!.event.type))];
  const { to, order, capacity } = channel;
  const advice = [
    ...(part === undefined && (to.length > 1 || types.length > 1) ? ['split it by receiver or type of message'] : []),
    capacity === Number.POSITIVE_INFINITY ? 'give it a capacity' : `lower its capacity of ${capacity}`,
    ...(order === 'fifo' ? ["make it `order: 'unordered'` if the order makes no difference"] : []),
    ...(messages.size > lengths.size ? ['leave out of its messages what their receivers do not need'] : []),
  ];
  const of = part ? `of ${types.join(', ')} to ${part.to}: ` : '';
  return { fields, advice: `${of}${advice.join(', or ')}` };
}

function inOrder(fields: readonly CostlyField[]): CostlyField[] {
  return fields.filter(({ values }) => values > 1).sort((one, other) => other.values - one.values);
}
