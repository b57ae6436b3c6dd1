/** The process of `owner.ts` to v6.18: there is no list of address spaces, so nobody looks at the mm when the domain has been freed. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { svaOwnerConfig, svaOwnerParts, svaOwnerStates } from './owner.ts';

export const svaOwnerV618 = svaOwnerParts.createMachine({
  id: 'svaOwnerV618',
  ...svaOwnerConfig,
  states: {
    ...without(svaOwnerStates, 'delisted'),
    unbound: { on: { BIND: { target: 'bound', actions: ['lock', 'allocDomain', 'attach', 'unlock'] } } },
    ...straightLine({ locked: ['freeDomain', 'unlock'] }, 'over'),
  },
});
