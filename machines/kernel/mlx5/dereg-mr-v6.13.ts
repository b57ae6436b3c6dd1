/** The thread of `dereg-mr.ts` to v6.13 (mlx5_revoke_mr()): the key is revoked without `umem_mutex`, and nobody is told. */
import { straightLine } from '../../parts/straight-line.ts';
import { deregMrConfig, deregMrParts, deregMrStates } from './dereg-mr.ts';

export const deregMrV613 = deregMrParts.createMachine({
  id: 'deregMrV613',
  ...deregMrConfig,
  states: { ...deregMrStates, ...straightLine({ revoking: 'revokeMkey' }, 'storing') },
});
