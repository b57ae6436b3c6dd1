/** The thread of `dereg-mr.ts` that lets the umem forget the MR and revokes the key, both without `umem_mutex`. In no release. */
import { straightLine } from '../../parts/straight-line.ts';
import { deregMrConfig, deregMrParts, deregMrStates } from './dereg-mr.ts';

export const deregMrUnlocked = deregMrParts.createMachine({
  id: 'deregMrUnlocked',
  ...deregMrConfig,
  states: { ...deregMrStates, ...straightLine({ revoking: ['clearPrivate', 'revokeMkey'] }, 'storing') },
});
