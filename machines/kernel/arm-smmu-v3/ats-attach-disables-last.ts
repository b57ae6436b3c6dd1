/** The thread of `ats-attach-v5.4.ts` with the other half of v5.3: at detach, ATS is off at the function after the STE. No release has that half alone. */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';

export const atsAttachThreadDisablesLast = atsAttachParts.createMachine({
  id: 'atsAttachThreadDisablesLast',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'translated', actions: 'installSte' } } },
    ...straightLine({ translated: 'listAdd', listed: 'enableAts' }, 'attached'),
    attached: { on: { DETACH: { target: 'aborted', actions: 'abortSte' } } },
    ...straightLine({ aborted: ['issueAtcInv', 'issueSync'] }, 'invalidating'),
    invalidating: { on: { SYNC_COMPLETE: 'invalidated' } },
    ...straightLine({ invalidated: 'disableAts', atsOff: 'listDel' }, 'detached'),
  },
});
