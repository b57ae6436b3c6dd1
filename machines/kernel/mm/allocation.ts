/**
 * Memory that a driver allocates for its device to use (kmalloc(), kfree()).
 *
 * Memory does not know who may use it, so in `free` everything is taken in silence; a monitor sees it
 * (`../../monitors/object-lifetime.ts`).
 *
 * Simplifications: allocations do not fail; one place in memory for each use of it, so who gets it next is not modelled.
 */
import { setup } from 'xstate';

export type AllocationEvent =
  | { type: 'KMALLOC' }
  | { type: 'KFREE' }
  /** A device reads or writes. */
  | { type: 'ACCESS'; by: string };

export const allocation = setup({
  types: { context: {}, events: {} as AllocationEvent },
}).createMachine({
  id: 'allocation',
  context: {},
  initial: 'free',
  states: {
    free: { on: { KMALLOC: 'allocated', KFREE: {}, ACCESS: {} } },
    allocated: { on: { KFREE: 'free', ACCESS: {} } },
  },
});
