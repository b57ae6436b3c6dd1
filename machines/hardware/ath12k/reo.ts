/**
 * The receive reorder engine (REO) of a Wi-Fi device, as ath12k sees it (drivers/net/wireless/ath/ath12k/hal_rx.c, dp_rx.c): it
 * writes to a queue descriptor of the host's memory for each TID, by the address that it was given, whenever a frame arrives.
 * It forgets an address when a command says so, and commands come through a ring that may be full.
 *
 * The interface is not published; this is what the driver shows of it. It has nothing to do with who allocates and who maps: an
 * address stays with the device until it has taken a command about it.
 *
 * Simplifications: the two commands of a removal, HAL_REO_CMD_UPDATE_RX_QUEUE and HAL_REO_CMD_FLUSH_CACHE, are one; a command
 * never fails; its status is read at once.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, send, tell } from '../../parts/call.ts';

export type ReoEvent =
  /** The address of the queue descriptor of a TID (ath12k_wmi_peer_rx_reorder_queue_setup()). */
  | { type: 'SETUP_QUEUE'; tid: string; iova: string }
  /** The driver writes a command into the ring: the reply is POSTED or RING_FULL; later COMMAND_DONE. */
  | { type: 'POST_COMMAND'; tid: string; by: string }
  /** The device takes the oldest command. */
  | { type: 'RUN' }
  /** A frame arrives. */
  | { type: 'RECEIVE'; tid: string };

export interface ReoInput {
  readonly name: string;
  /** Of the command ring. */
  readonly entries: number;
}

export const reo = setup({
  types: {
    input: {} as ReoInput,
    context: {} as ReoInput & {
      /** By TID. */
      readonly queues: Readonly<Record<string, string>>;
      readonly commands: readonly { readonly tid: string; readonly by: string }[];
    },
    events: {} as ReoEvent,
  },
  guards: {
    hasRoom: ({ context }) => context.commands.length < context.entries,
    hasCommand: ({ context }) => context.commands.length > 0,
    hasQueue: ({ context, event }) => event.type === 'RECEIVE' && event.tid in context.queues,
  },
  actions: {
    setQueue: assign(
      from('SETUP_QUEUE', ({ context, event }) => ({ queues: { ...context.queues, [event.tid]: event.iova } })),
    ),
    append: assign(
      from('POST_COMMAND', ({ context, event }) => ({
        commands: [...context.commands, { tid: event.tid, by: event.by }],
      })),
    ),
    replyPosted: reply('POSTED'),
    replyFull: reply('RING_FULL'),
    removeQueue: enqueueActions(({ context, enqueue }) => {
      const [command, ...commands] = context.commands;
      const { [command!.tid]: _, ...queues } = context.queues;
      enqueue.assign({ queues, commands });
      tell(enqueue, command!.by, { type: 'COMMAND_DONE' });
    }),
    writeDescriptor: send(
      from('RECEIVE', ({ context, event }) => context.queues[event.tid]!),
      ({ context }) => ({ type: 'DMA', by: context.name }),
    ),
  },
}).createMachine({
  id: 'reo',
  context: ({ input }) => ({ ...input, queues: {}, commands: [] }),
  on: {
    SETUP_QUEUE: { actions: 'setQueue' },
    POST_COMMAND: [{ guard: 'hasRoom', actions: ['append', 'replyPosted'] }, { actions: 'replyFull' }],
    RUN: { guard: 'hasCommand', actions: 'removeQueue' },
    RECEIVE: { guard: 'hasQueue', actions: 'writeDescriptor' },
  },
});
