/**
 * Whether the tables' way of running steps and live actors agree: on the messages of a step, and on the state after it. A
 * difference is a bug of Faultline, not of the model, and so an `Error`.
 */
import type { System } from '../system/system.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import type { ActorState, SystemState, TraceMessage } from './trace.ts';

/** @throws Error when an actor, a monitor or a channel is not the same */
export function compareStates(
  where: string,
  channels: System['channels'],
  tabulated: SystemState,
  live: SystemState,
): void {
  for (const [name, state] of Object.entries(tabulated.actors)) {
    compare(where, `actor "${name}"`, actorKey(state), actorKey(live.actors[name]!));
  }
  for (const [name, state] of Object.entries(tabulated.monitors)) {
    compare(where, `monitor "${name}"`, actorKey(state), actorKey(live.monitors[name]!));
  }
  // The tables keep a bag sorted by numbers that mean nothing here; in a queue the order counts, and stays.
  const contentKey = (state: SystemState, name: string) => {
    const keys = state.channels[name]!.map(({ to, event }) => `${to} ${canonicalKey(event, 'message')}`);
    return (channels[name]!.order === 'fifo' ? keys : keys.sort()).join('\n');
  };
  for (const name of Object.keys(channels)) {
    compare(where, `channel "${name}"`, contentKey(tabulated, name), contentKey(live, name));
  }
}

/** @throws Error when they are not the same */
export function compare(where: string, what: string, tabulated: string, live: string): void {
  if (tabulated === live) return;
  throw new Error(
    `the tables and live actors disagree ${where}, about ${what}; this is a bug of Faultline:\n` +
      `tables: ${tabulated}\nlive:   ${live}`,
  );
}

/** @throws Error when they are not the same, in the same order */
export function compareMessages(
  where: string,
  tabulated: readonly TraceMessage[],
  live: readonly TraceMessage[],
): void {
  const keys = (messages: readonly TraceMessage[]) => messages.map(messageKey).join('\n');
  compare(where, 'the messages', keys(tabulated), keys(live));
}

function actorKey({ value, context, timers = [] }: ActorState): string {
  return `${canonicalKey(value, 'value')} ${canonicalKey(context, 'context')} ${timers.join(' ')}`.trimEnd();
}

function messageKey({ fate, from = '', to, event, channel = '' }: TraceMessage): string {
  return `${fate} ${from} -> ${to} ${canonicalKey(event, 'message')} ${channel}`.trimEnd();
}
