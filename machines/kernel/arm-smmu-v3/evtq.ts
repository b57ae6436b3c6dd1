/**
 * The threaded interrupt handler of the event queue, arm-smmu-v3.c arm_smmu_evtq_thread(): takes a record, which gives its
 * slot back at once, then reports it as a page request of the device (arm_smmu_handle_evt()), and so on until the queue is
 * empty. It goes on when iommu_report_device_fault() returns; where the device's fault handler runs within that, it waits.
 *
 * A stalled transaction is one page request with Last always set, and its STAG is the group's index: such groups never
 * have more than one member, and no partial list is needed.
 *
 * Simplifications: the thread is awake whenever there is a record (the interrupt is not modelled); finding the device by
 * its stream ID cannot fail (from v5.13 to v6.18 an unknown one is -EINVAL, and nobody resumes the stall; that of a stage 2 fault is
 * -EFAULT, to v6.6 at least), and nobody else takes `streams_mutex`, which it holds meanwhile; only translation faults with
 * STALL = 1.
 */
import { assign, setup } from 'xstate';
import type { StallRecord } from '../../hardware/smmu/event-queue.ts';
import { call, from } from '../../parts/call.ts';

export type EvtqThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | ({ type: 'RECORD' } & StallRecord)
  /** iommu_report_device_fault() returns. */
  | { type: 'REPORTED' }
  /** synchronize_irq(): waits until the thread is not at work. List it as `blocking`. */
  | { type: 'SYNCHRONIZE_IRQ' };

export interface EvtqInput {
  name: string;
  queue: string;
  /** The fault data of each device; the STAG is named after the device's stream. */
  cores: Readonly<Record<string, string>>;
}

/** What versions of this thread are made of. */
export const evtq = setup({
  types: {
    input: {} as EvtqInput,
    context: {} as EvtqInput & { record: StallRecord | null },
    events: {} as EvtqThreadEvent,
  },
  actions: {
    readRecord: call('queue', 'READ'),
    keepRecord: assign(
      from('RECORD', ({ event: { stag, page, write, stage2 } }) => ({
        record: { stag, page, write, ...(stage2 && { stage2 }) },
      })),
    ),
    report: call(
      ({ context }) => context.cores[context.record!.stag]!,
      ({ context }) => {
        const { stag, page, write, stage2 } = context.record!;
        const request = {
          device: stag,
          index: stag,
          page,
          last: true,
          generation: 0,
          write,
          ...(stage2 && { stage2 }),
        };
        return { type: 'REPORT', request };
      },
    ),
    forgetRecord: assign({ record: null }),
  },
});

/** A version that waits for somebody else, or for nobody, replaces a state. */
export const evtqStates = {
  idle: evtq.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'readRecord' }, SYNCHRONIZE_IRQ: {} },
  }),
  // Left within the step that entered it.
  reading: evtq.createStateConfig({
    on: { RECORD: { target: 'handling', actions: 'keepRecord' } },
  }),
  handling: evtq.createStateConfig({
    // arm_smmu_handle_evt() -> iommu_report_device_fault()
    on: { RUN: { target: 'reporting', actions: ['report', 'forgetRecord'] } },
  }),
  reporting: evtq.createStateConfig({
    on: { REPORTED: 'idle' },
  }),
};

export const evtqConfig = {
  context: ({ input }: { input: EvtqInput }) => ({ ...input, record: null }),
  initial: 'idle',
} as const;

export const evtqThread = evtq.createMachine({ id: 'evtqThread', ...evtqConfig, states: evtqStates });
