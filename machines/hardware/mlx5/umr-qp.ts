/**
 * The queue pair by which an mlx5 driver changes memory keys (UMR), and the one key that matters here. A work request for a key that has
 * been revoked is answered by a completion with an error, and that puts the queue pair into its error state, for all who use it.
 *
 * Simplifications: a request is posted and completed in one step (mlx5r_umr_post_send_wait()); that the driver recovers the queue pair is
 * left out; a revoked key is not given to another MR, whose translations the late request would zap.
 */
import { setup } from 'xstate';

export type UmrQpEvent =
  /** `mlx5r_umr_revoke_mr()`: to the hardware the key is free. */
  | { type: 'REVOKE_MKEY' }
  /** `mlx5r_umr_update_xlt()`: the entries of the key are zapped. */
  | { type: 'UPDATE_XLT' };

export const umrQp = setup({ types: { events: {} as UmrQpEvent } }).createMachine({
  id: 'umrQp',
  initial: 'valid',
  states: {
    valid: { on: { UPDATE_XLT: {}, REVOKE_MKEY: 'revoked' } },
    revoked: { on: { UPDATE_XLT: 'error' } },
    error: { on: { UPDATE_XLT: {}, REVOKE_MKEY: {} } },
  },
});
