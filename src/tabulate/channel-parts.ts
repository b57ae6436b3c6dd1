/**
 * The parts that a channel can be divided into, each with a slot of its own: what is meant for one receiver and has one type.
 *
 * In a bag or set that has room for everything, no message keeps out another one or has to wait for it. So what the channel holds is a
 * combination of what its parts hold, and there are as many contents to tabulate as their sum, not as their product; and what a delivery
 * depends on is the part that it leaves, not all that is on its way. A queue, a bag with room for a few, and one whose receivers compete are
 * left as they are.
 */
import type { AnyStateMachine } from 'xstate';
import { descriptorsOf, isWildcard } from '../system/message-types.ts';
import type { CompleteChannel } from '../system/system.ts';

export interface ChannelPart {
  /** The receiver. */
  readonly to: string;
  /** The type of its messages; undefined for all that no other part of the receiver is for. */
  readonly type: string | undefined;
}

/** Each slot costs something in every state. */
const PARTS_MAX = 64;

/**
 * @param orderOf what receivers are put in order by
 * @returns the parts in the order in which their messages are delivered; none when the channel has to be whole
 */
export function divisionOf(
  channel: CompleteChannel,
  machineOf: (actor: string) => AnyStateMachine,
  orderOf: (receiver: string) => string,
): readonly ChannelPart[] {
  const { order, capacity, competing } = channel;
  if (order === 'fifo' || capacity !== Number.POSITIVE_INFINITY || competing) return [];
  const receivers = [...new Set(channel.to)].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  const byType = receivers.flatMap((to) => typesFor(machineOf(to), channel).map((type) => ({ to, type })));
  const parts = byType.length <= PARTS_MAX ? byType : receivers.map((to) => ({ to, type: undefined }));
  return parts.length > 1 && parts.length <= PARTS_MAX ? parts : [];
}

/** The types that a machine has transitions for, and undefined for others, where others can come. */
function typesFor(machine: AnyStateMachine, { types }: CompleteChannel): (string | undefined)[] {
  const known = descriptorsOf(machine).filter((type) => !isWildcard(type));
  if (types.length === 0) return [...known.sort(), undefined];
  const carried = known.filter((type) => types.includes(type)).sort();
  return carried.length === new Set(types).size ? carried : [...carried, undefined];
}

/** The place of the part that takes a message to a receiver; 0 when there are no parts. */
export function placeIn(parts: readonly ChannelPart[], to: string, type: string): number {
  const own = parts.findIndex((part) => part.to === to && part.type === type);
  return Math.max(0, own < 0 ? parts.findIndex((part) => part.to === to && part.type === undefined) : own);
}
