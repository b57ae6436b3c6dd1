/**
 * `struct ib_umem_odp` of an MR, as far as its pointer to the MR goes: `private` is set while the MR has its memory key, and cleared since
 * abb604a1a9c8 when that is revoked. It is protected by `umem_mutex`.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type UmemOdpEvent =
  /** The reply is MR or NULL. */
  { type: 'READ_PRIVATE'; by: string } | { type: 'CLEAR_PRIVATE' };

export const umemOdp = setup({
  types: { events: {} as UmemOdpEvent },
  actions: { replyMr: reply('MR'), replyNull: reply('NULL') },
}).createMachine({
  id: 'umemOdp',
  initial: 'owned',
  states: {
    owned: { on: { READ_PRIVATE: { actions: 'replyMr' }, CLEAR_PRIVATE: 'disowned' } },
    disowned: { on: { READ_PRIVATE: { actions: 'replyNull' } } },
  },
});
