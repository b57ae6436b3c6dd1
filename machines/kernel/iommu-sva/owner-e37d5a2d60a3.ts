/** The process of `owner.ts` from e37d5a2d60a3 to 06e14c36e20b: the domain is freed first, and then the mm's list of domains is looked at. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { svaOwnerConfig, svaOwnerParts, svaOwnerStates } from './owner.ts';

export const svaOwnerE37d5a2d60a3 = svaOwnerParts.createMachine({
  id: 'svaOwnerE37d5a2d60a3',
  ...svaOwnerConfig,
  states: {
    ...without(svaOwnerStates, 'delisted'),
    ...straightLine({ locked: 'freeDomain', freed: ['readDomains', 'removeFromList', 'unlock'] }, 'over'),
  },
});
