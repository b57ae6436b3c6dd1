/**
 * The driver in the guest that owns the devices: it makes them read and write its buffers, again and again, and, where
 * somebody in the host acts on it, gives buffers back and takes them again (balloon, hot-unplug of memory).
 *
 * A guest is not trusted. It may start a DMA to a buffer that it has given back; the host has to keep that DMA out of
 * frames that are no longer the guest's.
 *
 * Where devices belong to processes of the host (SVA), it stands for these.
 *
 * It never has to do anything. List what it sends, 'DMA', 'REQUEST', 'MAP_BUFFER' and 'UNMAP_BUFFER', as `blocking`: a busy
 * device takes no descriptor, a busy host thread no request.
 *
 * Simplifications: no rings; one buffer is one page; every DMA is a write.
 */
import { setup } from 'xstate';
import { from, send } from '../parts/call.ts';

export type GuestDriverEvent =
  /** Ring the doorbell of a device (for a device with ATS: of what holds the page's ATC entry). */
  | { type: 'POST_DMA'; device: string; page: string }
  /** The same for a function reduced to its page requests (`../hardware/pcie/faulting-function.ts`), by the index that they use. */
  | { type: 'POST_FAULTING_DMA'; device: string; index: string }
  | { type: 'REUSE_BUFFER'; page: string }
  | { type: 'FREE_BUFFER'; page: string };

export const guestDriver = setup({
  types: {
    input: {} as {
      /** Who in the host maps and unmaps the buffer of each page; without any, buffers stay. */
      owners?: Readonly<Record<string, string>>;
    },
    context: {} as { owners: Readonly<Record<string, string>> },
    events: {} as GuestDriverEvent,
  },
  actions: {
    postDma: send(
      from('POST_DMA', ({ event }) => event.device),
      from('POST_DMA', ({ event }) => ({ type: 'DMA', page: event.page, write: true })),
    ),
    postFaultingDma: send(
      from('POST_FAULTING_DMA', ({ event }) => event.device),
      from('POST_FAULTING_DMA', ({ event }) => ({ type: 'REQUEST', index: event.index })),
    ),
    askForMap: send(
      from('REUSE_BUFFER', ({ context, event }) => context.owners[event.page]!),
      'MAP_BUFFER',
    ),
    askForUnmap: send(
      from('FREE_BUFFER', ({ context, event }) => context.owners[event.page]!),
      'UNMAP_BUFFER',
    ),
  },
}).createMachine({
  id: 'guestDriver',
  context: ({ input }) => ({ owners: input.owners ?? {} }),
  on: {
    POST_DMA: { actions: 'postDma' },
    POST_FAULTING_DMA: { actions: 'postFaultingDma' },
    REUSE_BUFFER: { actions: 'askForMap' },
    FREE_BUFFER: { actions: 'askForUnmap' },
  },
});
