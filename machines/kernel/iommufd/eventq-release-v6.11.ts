/**
 * The thread that closes the last descriptor of a fault object's file (iommufd/eventq.c iommufd_eventq_fops_release(), v6.11 to 7.0, to
 * v6.13 iommufd_fault_fops_release()): gives back the count on the object, and then reads from the object whose context's file it has to
 * put.
 *
 *   open -CLOSE-> releasing -RUN-> unowned -RUN-> closed
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type EventqReleaseEvent =
  /** `close()`, of the last reference to the file. */
  | { type: 'CLOSE' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface EventqReleaseInput {
  /** `file->private_data`: an `object.ts`. */
  readonly eventq: string;
  /** `eventq->ictx`: a `context.ts`. */
  readonly ictx: string;
}

/** What versions are made of. */
export const eventqReleaseParts = setup({
  types: { input: {} as EventqReleaseInput, context: {} as EventqReleaseInput, events: {} as EventqReleaseEvent },
  actions: {
    decUsers: send('eventq', 'DEC_USERS'),
    readContext: send('eventq', 'READ_CONTEXT'),
    putContext: send('ictx', 'PUT'),
  },
});

export const eventqReleaseConfig = {
  context: ({ input }: { input: EventqReleaseInput }) => input,
  initial: 'open',
} as const;

export const eventqReleaseEnds = {
  open: eventqReleaseParts.createStateConfig({ on: { CLOSE: 'releasing' } }),
  closed: eventqReleaseParts.createStateConfig({}),
};

export const eventqReleaseV611 = eventqReleaseParts.createMachine({
  id: 'eventqReleaseV611',
  ...eventqReleaseConfig,
  states: {
    ...eventqReleaseEnds,
    ...straightLine({ releasing: 'decUsers', unowned: ['readContext', 'putContext'] }, 'closed'),
  },
});
