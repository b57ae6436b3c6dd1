/**
 * A thread that fills a table of its own from an mm's page table, as drivers with hmm_range_fault() and KVM do (mm/hmm.c,
 * Documentation/mm/hmm.rst, virt/kvm/kvm_main.c): it begins to read, looks the page up without a lock, and then, under the lock that the
 * notifier's callback takes, asks whether it may go on, and writes its entry.
 *
 *   idle -FAULT-> begun -RUN-> reading -RUN-> looking -RUN-> (GO_ON: the entry is written) idle
 *                                                            (RETRY) begun
 *
 * Where the page is not there the fault ends without an entry. `mirror-fault-checks-unlocked.ts` and `mirror-fault-samples-late.ts` are wrong ways.
 *
 * List 'READ_BEGIN' as `blocking`.
 *
 * Simplification: a section of the subscriber's lock is one step.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type MirrorFaultEvent =
  /** The device, or the guest, misses the page. */
  | { type: 'FAULT' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The subscription's replies. */
  | { type: 'SEQUENCE'; sequence: number }
  | { type: 'GO_ON' }
  | { type: 'RETRY' }
  /** The page's replies. */
  | { type: 'PFN' }
  | { type: 'ABSENT' };

export interface MirrorFaultInput {
  readonly name: string;
  readonly subscription: string;
  readonly page: string;
  readonly entry: string;
}

/** What versions are made of. */
export const mirrorParts = setup({
  types: {
    input: {} as MirrorFaultInput,
    context: {} as MirrorFaultInput & { readonly sequence: number },
    events: {} as MirrorFaultEvent,
  },
  actions: {
    readBegin: call('subscription', 'READ_BEGIN'),
    keepSequence: assign({ sequence: from('SEQUENCE', ({ event }) => event.sequence) }),
    lookUp: call('page', 'LOOK_UP'),
    readRetry: call('subscription', ({ context: { sequence } }) => ({ type: 'READ_RETRY', sequence })),
    install: send('entry', 'INSTALL'),
    forget: assign({ sequence: 0 }),
  },
});

export const mirrorConfig = {
  context: ({ input }: { input: MirrorFaultInput }) => ({ ...input, sequence: 0 }),
  initial: 'idle',
} as const;

export const mirrorStates = {
  idle: mirrorParts.createStateConfig({ on: { FAULT: 'begun' } }),
  begun: mirrorParts.createStateConfig({ on: { RUN: { target: 'sampling', actions: 'readBegin' } } }),
  // Left within the step that entered it, as is `checking`.
  sampling: mirrorParts.createStateConfig({ on: { SEQUENCE: { target: 'reading', actions: 'keepSequence' } } }),
  reading: mirrorParts.createStateConfig({
    on: { RUN: { actions: 'lookUp' }, PFN: 'looking', ABSENT: { target: 'idle', actions: 'forget' } },
  }),
  looking: mirrorParts.createStateConfig({ on: { RUN: { target: 'checking', actions: 'readRetry' } } }),
  checking: mirrorParts.createStateConfig({
    on: {
      GO_ON: { target: 'idle', actions: ['install', 'forget'] },
      RETRY: { target: 'begun', actions: 'forget' },
    },
  }),
};

export const mirrorFault = mirrorParts.createMachine({ id: 'mirrorFault', ...mirrorConfig, states: mirrorStates });
