/**
 * The interrupt thread of the PRI queue (`priq.ts`), with the rest of the kernel in it, where only what the SMMU answers by itself matters: it takes an
 * entry, and when it was the last of its group, the group is answered Success, with its PASID, as arm_smmu_page_response() of the unmerged PRI series
 * does where the function needs one. When nothing is left it acknowledges an overflow.
 *
 * Simplifications: parts of groups are not kept, so none is merged (B-09, B-74 and B-82 are about that); the thread is awake whenever there is something.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';

export type PriqPasidsThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'ENTRY'; request: PasidRequest; isNewest: boolean }
  /** synchronize_irq(): waits until the thread is not at work. List it as `blocking`. */
  | { type: 'SYNCHRONIZE_IRQ' };

export const priqPasidsThread = setup({
  types: {
    input: {} as { name: string; queue: string },
    context: {} as {
      readonly name: string;
      readonly queue: string;
      readonly request: PasidRequest | null;
      readonly isNewest: boolean;
    },
    events: {} as PriqPasidsThreadEvent,
  },
  guards: {
    isLast: ({ context }) => context.request!.last,
    isNewest: ({ context }) => context.isNewest,
  },
  actions: {
    readEntry: call('queue', 'READ_ENTRY'),
    keepRequest: assign(from('ENTRY', ({ event: { request, isNewest } }) => ({ request, isNewest }))),
    respond: send(
      ({ context }) => context.request!.device,
      ({ context: { name, request } }) => {
        const { index, pasid, generation } = request!;
        return { type: 'PRG_RESPONSE', index, pasid, code: 'success', by: name, generation };
      },
    ),
    acknowledge: send('queue', 'ACKNOWLEDGE'),
    forgetRequest: assign({ request: null, isNewest: false }),
  },
}).createMachine({
  id: 'priqPasidsThread',
  context: ({ input }) => ({ ...input, request: null, isNewest: false }),
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'readEntry' }, SYNCHRONIZE_IRQ: {} } },
    // Left within the step that entered it.
    reading: { on: { ENTRY: { target: 'handling', actions: 'keepRequest' } } },
    handling: {
      on: {
        RUN: [{ guard: 'isLast', target: 'handled', actions: 'respond' }, { target: 'handled' }],
      },
    },
    // Left within the step that entered it.
    handled: {
      always: [
        { guard: 'isNewest', target: 'idle', actions: ['acknowledge', 'forgetRequest'] },
        { target: 'idle', actions: 'forgetRequest' },
      ],
    },
  },
});
