/**
 * The thread of `reader.ts` whose read takes a group off the list and gives it a cookie in two steps
 * (`../kernel/iommufd/eventq-fetch-steps.ts`). Without memory for the cookie it puts the group back and returns -ENOMEM; when the copy
 * fails it erases the cookie and puts the group back.
 *
 * Simplifications: as there; no copy sleeps; a write always copies. List 'ACQUIRE' and 'TAKE' as `blocking`.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';
import type { UserReaderInput } from './reader.ts';

/** What a read has in its hand: the group, and `group->attach_handle`. */
export interface TakenGroup {
  readonly group: string;
  readonly handle: string;
}

export type FetchStepsEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | ({ type: 'TAKEN' } & TakenGroup)
  /** kmem_cache_alloc() of an xarray node fails. */
  | { type: 'NO_MEMORY' }
  | { type: 'FETCHED'; cookie: number }
  | { type: 'COPIED' }
  | { type: 'COPY_FAILED' }
  | { type: 'WRITTEN' }
  | { type: 'EINVAL' };

/** What versions are made of. */
export const fetchStepsParts = setup({
  types: {
    input: {} as UserReaderInput,
    context: {} as UserReaderInput & { readonly taken: TakenGroup | null; readonly cookie: number },
    events: {} as FetchStepsEvent,
  },
  actions: {
    lock: call('mutex', 'ACQUIRE'),
    unlock: call('mutex', 'RELEASE'),
    take: call('faultQueue', 'TAKE'),
    keepTaken: assign({ taken: from('TAKEN', ({ event: { group, handle } }) => ({ group, handle })) }),
    allocCookie: call('faultQueue', ({ context }) => ({ type: 'ALLOC_COOKIE', ...context.taken! })),
    putBackTaken: send('faultQueue', ({ context }) => ({ type: 'PUT_BACK', ...context.taken! })),
    noteCookie: assign({ cookie: from('FETCHED', ({ event }) => event.cookie) }),
    copy: call('buffer', 'COPY'),
    finishRead: send('faultQueue', ({ context: { cookie, taken } }) => ({ type: 'COPIED_OUT', cookie, ...taken! })),
    putBack: send('faultQueue', ({ context: { cookie, taken } }) => ({ type: 'RESTORE', cookie, ...taken! })),
    mapBuffer: send('buffer', 'MMAP'),
    write: call('faultQueue', ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'success' })),
    forget: assign({ taken: null, cookie: 0 }),
  },
});

export const fetchStepsConfig = {
  context: ({ input }: { input: UserReaderInput }) => ({ ...input, taken: null, cookie: 0 }),
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const fetchStepsStates = {
  idle: fetchStepsParts.createStateConfig({ on: { RUN: { target: 'taking', actions: ['lock', 'take'] } } }),
  // Left within the step that entered it, like the other states without RUN.
  taking: fetchStepsParts.createStateConfig({ on: { TAKEN: { target: 'taken', actions: 'keepTaken' } } }),
  // The group is in its hand, and nowhere else.
  taken: fetchStepsParts.createStateConfig({
    on: {
      RUN: { target: 'fetching', actions: 'allocCookie' },
      NO_MEMORY: { target: 'idle', actions: ['putBackTaken', 'unlock', 'forget'] },
    },
  }),
  fetching: fetchStepsParts.createStateConfig({ on: { FETCHED: { target: 'reading', actions: 'noteCookie' } } }),
  reading: fetchStepsParts.createStateConfig({ on: { RUN: { target: 'copying', actions: 'copy' } } }),
  copying: fetchStepsParts.createStateConfig({
    on: {
      COPIED: { target: 'handling', actions: ['finishRead', 'unlock'] },
      COPY_FAILED: { target: 'readFailed', actions: ['putBack', 'unlock', 'forget'] },
    },
  }),
  // In user space, with -EFAULT.
  readFailed: fetchStepsParts.createStateConfig({ on: { RUN: { target: 'idle', actions: 'mapBuffer' } } }),
  // In user space, with the group in hand and no lock.
  handling: fetchStepsParts.createStateConfig({ on: { RUN: { target: 'responding', actions: ['lock', 'write'] } } }),
  responding: fetchStepsParts.createStateConfig({
    on: {
      WRITTEN: { target: 'idle', actions: ['unlock', 'forget'] },
      EINVAL: { target: 'idle', actions: ['unlock', 'forget'] },
    },
  }),
};

export const userReaderFetchSteps = fetchStepsParts.createMachine({
  id: 'userReaderFetchSteps',
  ...fetchStepsConfig,
  states: fetchStepsStates,
});
