/**
 * The receive queue of a TID (traffic identifier) of a peer, as ath12k sets it up and deletes it (ath12k/dp_rx.c
 * ath12k_dp_rx_peer_tid_setup(), ath12k_dp_rx_peer_tid_delete(), since 3bf2e57e7d6c, v6.18). The device has to forget the
 * descriptor's address first; when there is no room for that command, the queue waits in `reo_cmd_update_rx_queue_list`, and is
 * tried again when a command is done (ath12k_dp_rx_process_reo_cmd_update_rx_queue_list()).
 *
 *   inactive -SETUP_TID-> active -DELETE_TID-> posting -> deleting -COMMAND_DONE-> cleaning -RUN-> inactive
 *                                                      -> pending -RETRY-> posting
 *
 * `rx-tid-v6.3.ts` does not wait. List 'DMA_MAP' as `blocking`. At rest in `inactive` and `active`.
 *
 * Simplifications: who retries goes through all others in their order, and the list's order is not kept; a reset of the device
 * (ath12k_dp_rx_reo_cmd_list_cleanup()) is left out.
 */
import { enqueueActions, setup } from 'xstate';
import { call, send, tell } from '../../parts/call.ts';

export type RxTidEvent =
  | { type: 'SETUP_TID' }
  | { type: 'DELETE_TID' }
  /** The command is in the ring. */
  | { type: 'POSTED' }
  | { type: 'RING_FULL' }
  /** The device has done it. */
  | { type: 'COMMAND_DONE' }
  /** There may be room in the ring. */
  | { type: 'RETRY' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface RxTidInput {
  readonly name: string;
  readonly reo: string;
  /** The memory of the descriptor, and its address for the device. */
  readonly memory: string;
  readonly iova: string;
  /** The other TIDs. */
  readonly others: readonly string[];
}

/** What versions of it are made of. */
export const rxTidParts = setup({
  types: { input: {} as RxTidInput, context: {} as RxTidInput, events: {} as RxTidEvent },
  actions: {
    allocate: send('memory', 'KMALLOC'),
    map: send('iova', ({ context }) => ({ type: 'DMA_MAP', memory: context.memory })),
    tellDevice: send('reo', ({ context }) => ({ type: 'SETUP_QUEUE', tid: context.name, iova: context.iova })),
    postCommand: call('reo', ({ context }) => ({ type: 'POST_COMMAND', tid: context.name })),
    retryOthers: enqueueActions(({ context, enqueue }) => {
      for (const other of context.others) tell(enqueue, other, { type: 'RETRY' });
    }),
    unmap: send('iova', 'DMA_UNMAP'),
    free: send('memory', 'KFREE'),
  },
});

export const rxTidConfig = {
  context: ({ input }: { input: RxTidInput }) => input,
  initial: 'inactive',
  // Who does not wait has nothing to try again.
  on: { RETRY: {} },
} as const;

export const rxTidStates = {
  inactive: rxTidParts.createStateConfig({
    on: { SETUP_TID: { target: 'active', actions: ['allocate', 'map', 'tellDevice'] } },
  }),
  active: rxTidParts.createStateConfig({
    on: { DELETE_TID: { target: 'posting', actions: 'postCommand' } },
  }),
  // ath12k_dp_rx_tid_delete_handler(); left within the step that entered it.
  posting: rxTidParts.createStateConfig({
    on: { POSTED: 'deleting', RING_FULL: 'pending' },
  }),
  pending: rxTidParts.createStateConfig({
    on: { RETRY: { target: 'posting', actions: 'postCommand' } },
  }),
  // ath12k_dp_rx_tid_del_func()
  deleting: rxTidParts.createStateConfig({
    on: { COMMAND_DONE: { target: 'cleaning', actions: 'retryOthers' } },
  }),
  // ath12k_dp_rx_tid_cleanup(): dma_unmap_single(), then kfree().
  cleaning: rxTidParts.createStateConfig({
    on: { RUN: { target: 'inactive', actions: ['unmap', 'free'] } },
  }),
};

export const rxTid = rxTidParts.createMachine({ id: 'rxTid', ...rxTidConfig, states: rxTidStates });
