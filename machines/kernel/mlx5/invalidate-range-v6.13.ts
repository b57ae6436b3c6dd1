/** The callback of `invalidate-range.ts` to v6.13: it zaps the entries of the key whether the MR still has it or not. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { invalidateRangeConfig, invalidateRangeParts, invalidateRangeStates } from './invalidate-range.ts';

export const invalidateRangeV613 = invalidateRangeParts.createMachine({
  id: 'invalidateRangeV613',
  ...invalidateRangeConfig,
  states: { ...without(invalidateRangeStates, 'looking'), ...straightLine({ called: 'lockUmem' }, 'zapping') },
});
