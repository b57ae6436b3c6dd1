/**
 * Watches objects in memory: nobody touches one that is not allocated, and nobody frees one twice.
 *
 * Every message that such an object takes counts as a touch, so its machine has to take everything in silence while it
 * is freed, as memory does.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';

export interface Lifetime {
  /** The actors that are memory. */
  readonly objects: readonly string[];
  /** The message types that begin and end a life; without `alloc` none begins after the start. */
  readonly alloc?: string;
  readonly free: string;
  /** Those that are there from the start. */
  readonly allocated?: readonly string[];
}

/** A property of its own for each name; the actors and messages have to be there. */
export function noUseAfterFree(name: string, lifetime: Lifetime): Property {
  const { objects, alloc, free, allocated = [] } = lifetime;
  const messages = alloc === undefined ? [free] : [alloc, free];
  return monitor(name, objectLifetime, lifetime, { actors: [...objects, ...allocated], messages });
}

export const objectLifetime = setup({
  types: {
    input: {} as Lifetime,
    context: {} as Lifetime & { readonly allocated: readonly string[] },
    events: {} as Observed,
  },
  guards: {
    isNoObject: ({ context, event }) => !context.objects.includes(event.to),
    isAlloc: ({ context, event }) => event.type === context.alloc,
    isFree: ({ context, event }) => event.type === context.free && context.allocated.includes(event.to),
    isSecondFree: ({ context, event }) => event.type === context.free,
    isTouch: ({ context, event }) => context.allocated.includes(event.to),
  },
  actions: {
    noteAllocated: assign({ allocated: ({ context, event }) => [...new Set([...context.allocated, event.to])].sort() }),
    noteFreed: assign({ allocated: ({ context, event }) => context.allocated.filter((name) => name !== event.to) }),
  },
}).createMachine({
  id: 'objectLifetime',
  context: ({ input }) => ({ ...input, allocated: [...(input.allocated ?? [])].sort() }),
  initial: 'sound',
  states: {
    sound: {
      on: {
        '*': [
          { guard: 'isNoObject' },
          { guard: 'isAlloc', actions: 'noteAllocated' },
          { guard: 'isFree', actions: 'noteFreed' },
          { guard: 'isSecondFree', target: 'freedTwice' },
          { guard: 'isTouch' },
          { target: 'usedAfterFree' },
        ],
      },
    },
    usedAfterFree: { tags: 'violation' },
    freedTwice: { tags: 'violation' },
  },
});
