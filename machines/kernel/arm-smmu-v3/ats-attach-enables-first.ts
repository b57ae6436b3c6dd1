/** The thread of `ats-attach-v5.4.ts` with one half of v5.3: at attach, ATS is on at the function before there is an STE. No release has that half alone. */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';
import { atsDetachV54 } from './ats-attach-v5.4.ts';

export const atsAttachThreadEnablesFirst = atsAttachParts.createMachine({
  id: 'atsAttachThreadEnablesFirst',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'listed', actions: 'listAdd' } } },
    ...straightLine({ listed: 'enableAts', atsOn: 'installSte' }, 'attached'),
    ...atsDetachV54,
  },
});
