/**
 * A ring in memory, with an end at which entries are added and one at which they are taken away. There are two ways to keep one:
 *
 * - by its pointers, with a wrap bit that turns over whenever the index starts again at 0, so that full and empty can be told apart. Who
 *   has copies of them, older than the registers, needs this. The entries are actors of their own.
 * - as what is between the pointers, oldest first, in a list of the context (`entriesIn`). It is the same ring for all who only ask
 *   whether there is room, what is the next entry, and whether there is any, and has far fewer states: where in memory it begins makes no
 *   difference.
 */
import { assign, type EventObject, type MachineContext } from 'xstate';
import type { SetupAction } from './setup-action.ts';

/** An index, and a wrap bit. Specifications put their flags beside it. */
export interface RingPointer {
  readonly index: number;
  readonly wrap: 0 | 1;
}

export function advance<Pointer extends RingPointer>(pointer: Pointer, size: number): Pointer {
  if (pointer.index + 1 < size) return { ...pointer, index: pointer.index + 1 };
  return { ...pointer, index: 0, wrap: flip(pointer.wrap) };
}

/** @param tail where the next entry will be written */
export function isEmpty(tail: RingPointer, head: RingPointer): boolean {
  return tail.index === head.index && tail.wrap === head.wrap;
}

export function isFull(tail: RingPointer, head: RingPointer): boolean {
  return tail.index === head.index && tail.wrap !== head.wrap;
}

/** How many entries of a ring of `size` are between the two. */
export function depthOf(tail: RingPointer, head: RingPointer, size: number): number {
  return tail.index - head.index + (tail.wrap === head.wrap ? 0 : size);
}

/** The indexes from one pointer up to another, oldest first: none when both are equal, all when only the wrap bits differ. */
export function between(from: RingPointer, to: RingPointer, size: number): number[] {
  return Array.from({ length: depthOf(to, from, size) }, (_, at) => (from.index + at) % size);
}

export function flip(bit: 0 | 1): 0 | 1 {
  return bit === 0 ? 1 : 0;
}

/** A context with the entries in this list. */
type Holds<List extends string> = MachineContext & { readonly [Name in List]: readonly unknown[] };
interface Args<C, E> {
  readonly context: C;
  readonly event: E;
}

/**
 * Guards and actions, for `setup`, of a ring that is kept as what is between its pointers.
 *
 * @param list the member of the context that has the entries
 * @param size the one that says how many there is room for
 */
export function entriesIn<const List extends string, const Size extends string = 'capacity'>(
  list: List,
  size = 'capacity' as Size,
) {
  return {
    hasRoom: ({ context }: { context: Holds<List> & { readonly [Name in Size]: number } }): boolean =>
      context[list]!.length < context[size]!,
    isEmpty: ({ context }: { context: Holds<List> }): boolean => context[list]!.length === 0,
    isNotEmpty: ({ context }: { context: Holds<List> }): boolean => context[list]!.length > 0,
    /** The hardware writes an entry, and moves the tail. */
    add: <C extends Holds<List>, E extends EventObject>(
      entry: (args: Args<C, E>) => C[List][number],
    ): SetupAction<C, E> =>
      changed(({ context, event }) => [...context[list]!, entry({ context, event } as Args<C, E>)]),
    /** Software moves the head over the oldest entries: over one of them, or as many as it says. */
    drop: <C extends Holds<List>, E extends EventObject>(
      count: (args: Args<C, E>) => number = () => 1,
    ): SetupAction<C, E> =>
      changed(({ context, event }) => context[list]!.slice(count({ context, event } as Args<C, E>))),
  };

  function changed<C extends MachineContext, E extends EventObject>(
    entries: (args: Args<Holds<List>, EventObject>) => readonly unknown[],
  ): SetupAction<C, E> {
    const action = assign((args) => ({ [list]: entries(args as unknown as Args<Holds<List>, EventObject>) }));
    return action as unknown as SetupAction<C, E>;
  }
}
