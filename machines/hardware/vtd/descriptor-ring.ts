/**
 * The IOMMU's page request queue as the ring that it is in memory (VT-d 7.4.1): the hardware writes one descriptor for each
 * message that it gets from a function, software reads them from head to tail and writes the head register when it is done with
 * all that it saw. `page-request-queue.ts` is the same queue for those who only want the oldest request.
 *
 * A PASID Stop Marker (PCIe 10.4.1.2.1) is such a message, and gets a descriptor like any other: with the LPIG bit (`last`), with
 * neither the read nor the write bit, and, as we remember it, with zeros where a request has its address and its index.
 *
 * List 'PAGE_REQUEST', 'STOP_MARKER' and 'READ_TAIL' as `blocking`: what finds no room waits in the function, and a thread that
 * finds nothing sleeps.
 *
 * Simplifications: no overflow (PRO); head and tail are kept as what is between them; the interrupt is that there is something to
 * read; private data, modes and addresses of descriptors are left out.
 */
import { setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PageRequest, StopMarker } from '../pcie/page-request.ts';

/** A page request descriptor (VT-d 7.4.1.1). */
export interface PageRequestDescriptor extends PageRequest {
  /** The RD or the WR bit. A Stop Marker has neither. */
  readonly access: boolean;
}

export type DescriptorRingEvent =
  | ({ type: 'PAGE_REQUEST' } & PageRequest)
  | ({ type: 'STOP_MARKER' } & StopMarker)
  /** Software reads head and tail; the reply is TAIL, with the number of descriptors between them. */
  | { type: 'READ_TAIL'; by: string }
  /** Software reads the descriptor that is `at` places after head; the reply is DESCRIPTOR. */
  | { type: 'READ_DESCRIPTOR'; at: number; by: string }
  /** Software looks for descriptors of a function; the reply is IN_QUEUE or NOT_IN_QUEUE. */
  | { type: 'SCAN'; device: string; by: string }
  /** Software moves head on by so many descriptors, and the hardware has their room again. */
  | { type: 'WRITE_HEAD'; count: number };

const ring = entriesIn('descriptors');

export const descriptorRing = setup({
  types: {
    input: {} as {
      entries: number;
      /** What a page request of index 0 and of address 0 would say. */
      zero: Pick<PageRequest, 'index' | 'page'>;
    },
    context: {} as {
      readonly capacity: number;
      readonly zero: Pick<PageRequest, 'index' | 'page'>;
      readonly descriptors: readonly PageRequestDescriptor[];
    },
    events: {} as DescriptorRingEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isNotEmpty: ring.isNotEmpty,
    isIn: from('SCAN', ({ context, event }) => context.descriptors.some(({ device }) => device === event.device)),
  },
  actions: {
    writeRequest: ring.add(
      from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => ({ ...request, access: true })),
    ),
    writeStopMarker: ring.add(
      from('STOP_MARKER', ({ context, event: { device } }) => {
        return { device, ...context.zero, last: true, generation: 0, access: false };
      }),
    ),
    replyTail: reply(({ context }) => ({ type: 'TAIL', count: context.descriptors.length })),
    replyDescriptor: reply(
      from('READ_DESCRIPTOR', ({ context, event }) => ({
        type: 'DESCRIPTOR',
        descriptor: context.descriptors[event.at]!,
      })),
    ),
    replyInQueue: reply('IN_QUEUE'),
    replyNotInQueue: reply('NOT_IN_QUEUE'),
    freeDescriptors: ring.drop(from('WRITE_HEAD', ({ event }) => event.count)),
  },
}).createMachine({
  id: 'descriptorRing',
  context: ({ input }) => ({ capacity: input.entries, zero: input.zero, descriptors: [] }),
  on: {
    PAGE_REQUEST: { guard: 'hasRoom', actions: 'writeRequest' },
    STOP_MARKER: { guard: 'hasRoom', actions: 'writeStopMarker' },
    READ_TAIL: { guard: 'isNotEmpty', actions: 'replyTail' },
    READ_DESCRIPTOR: { actions: 'replyDescriptor' },
    SCAN: [{ guard: 'isIn', actions: 'replyInQueue' }, { actions: 'replyNotInQueue' }],
    WRITE_HEAD: { actions: 'freeDescriptors' },
  },
});
