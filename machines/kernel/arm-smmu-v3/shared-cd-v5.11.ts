/** The descriptor of `shared-cd.ts` from v5.11 (32784a9562fb) to v5.18: it pins the ASID and has no reference to the mm. */
import { sharedCdConfig, sharedCdParts } from './shared-cd.ts';

export const sharedCdV511 = sharedCdParts.createMachine({
  id: 'sharedCdV511',
  ...sharedCdConfig,
  on: {
    ALLOC_SHARED_CD: [{ guard: 'isFirst', actions: ['get', 'pinAsid'] }, { actions: 'get' }],
    FREE_SHARED_CD: [{ guard: 'isLast', actions: ['put', 'unpinAsid'] }, { actions: 'put' }],
  },
});
