/** The domain of `domain.ts` since cdb8a3c34635 (v5.4): `nr_ats_masters` says without a lock whether there is anybody on the list who has an ATC. */
import { smmuDomainConfig, smmuDomainOn, smmuDomainParts } from './domain.ts';

export const smmuDomainCountsAts = smmuDomainParts.createMachine({
  id: 'smmuDomainCountsAts',
  ...smmuDomainConfig,
  on: {
    ...smmuDomainOn,
    INC_ATS: { actions: 'countUp' },
    DEC_ATS: { actions: 'countDown' },
    READ_NR_ATS: { actions: 'replyCount' },
  },
});
