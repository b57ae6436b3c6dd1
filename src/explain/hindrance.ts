/** What keeps a step from being enabled, in words. */
import type { EventObject } from 'xstate';
import type { ChannelTable, Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import { eventLabel } from '../trace/trace.ts';
import { timerText } from '../trace/words.ts';
import { type Attempt, attemptsOf } from './attempts.ts';
import { changedContext, missingTransition } from './missing-transition.ts';

export interface Hindrance {
  readonly kind: /** The actor has no transition for it: its state has none, guards are false, it ignores the event, it has ended. */
    | 'no-transition'
    | 'guard'
    | 'ignored'
    | 'final'
    /** Somebody refuses a message that the step would send. */
    | 'refused'
    /** A channel that the step would send to is full. */
    | 'full'
    /** The step breaks off with a model error. */
    | 'error'
    /** No channel holds the message, or another one is before it. */
    | 'no-message'
    | 'behind'
    /** No such timer is armed. */
    | 'no-timer'
    /** Its actor armed another timer in the same step, with a shorter delay. */
    | 'earlier-timer'
    /** Nothing starts with it: others send it within their steps. */
    | 'not-started';
  readonly text: string;
}

/** Why an actor cannot make a choice now, or fire a timer; undefined when it can. */
export function choiceHindrance(walker: Walker, state: Int32Array, message: number): Hindrance | undefined {
  const { tables } = walker;
  const { to, event, timer } = tables.messages[message]!;
  const { stepper, locals } = tables.actors[to]!;
  const local = locals[state[to]!]!;
  const earlier = timer && local.timers.find(({ id }) => id === timer.id)?.after?.[0];
  if (earlier !== undefined) {
    const text = `timer \`${timerText(earlier)}\` fires before it: it was armed in the same step with a shorter delay`;
    return { kind: 'earlier-timer', text };
  }
  const attempt = attemptsOf(walker, state, to).find(({ records }) => records[0]!.message === message);
  if (attempt) return attemptHindrance(tables, attempt);
  return (
    missingTransition(stepper.machine, local.snapshot, event) ?? {
      // Only a step that breaks off before it in the enumeration hides one that its actor has a transition for.
      kind: 'error',
      text: 'an earlier choice of the actor breaks off with a model error',
    }
  );
}

/**
 * Why a message that a channel holds cannot be delivered now; undefined when it can.
 *
 * @param message as the channel holds it: where receivers compete, to any of them; or to one of them
 */
export function deliveryHindrance(
  walker: Walker,
  state: Int32Array,
  channel: ChannelTable,
  message: number,
): Hindrance | undefined {
  const { tables } = walker;
  const content = channel.contents[state[channel.slot]!]!;
  if (channel.channel.order === 'fifo' && content[0] !== tables.heldAs(channel, message)) {
    const { to, event } = tables.messages[content[0]!]!;
    const whose = to === channel.slot ? '' : ` for ${tables.nameOf(to)}`;
    const text = `in the FIFO channel ${channel.name} it is behind ${eventLabel(event)}${whose}`;
    return { kind: 'behind', text };
  }
  const attempts = attemptsOf(walker, state, channel.slot);
  const takers = tables.messages[message]!.takers ?? [message];
  const own = takers.flatMap(
    (taker) => attempts.find(({ records }) => records[0]!.message === taker && records[0]!.kind !== 'lost') ?? [],
  );
  const [first, ...others] = own.map((attempt) => attemptHindrance(tables, attempt));
  if (own.length === 0)
    return { kind: 'error', text: `another message of ${channel.name} breaks off with a model error` };
  if (!first || others.includes(undefined)) return undefined;
  return { kind: first.kind, text: [first, ...others].map((one) => one!.text).join('; ') };
}

function attemptHindrance(tables: Tables, { records, error }: Attempt): Hindrance | undefined {
  if (error) return { kind: 'error', text: `it breaks off with a model error: ${error.message}` };
  const { kind, message, slot, before } = records.at(-1)!;
  const { to, event } = tables.messages[message]!;
  if (kind === 'refused') return { kind, text: refusalText(tables, to, before, event) };
  if (kind !== 'blocked') return undefined;
  const { name, channel, contents } = tables.channels[slot - tables.actors.length]!;
  const text = `${eventLabel(event)} has to wait: channel ${name} is full (${contents[before]!.length} of ${channel.capacity})`;
  return { kind: 'full', text };
}

/** `lock refuses ACQUIRE(by=worker1): state `held` has no transition for ACQUIRE (context.holder = worker0)`. */
function refusalText(tables: Tables, slot: number, local: number, event: EventObject): string {
  const { name, stepper, locals } = tables.actors[slot]!;
  const { snapshot } = locals[local]!;
  const missing = missingTransition(stepper.machine, snapshot, event);
  const reason = missing === undefined ? '' : `: ${missing.text}`;
  // A guard has told already what it reads.
  const context = missing?.kind === 'guard' ? '' : changedContext(snapshot, locals[0]!.snapshot);
  return `${name} refuses ${eventLabel(event)}${reason}${context}`;
}
