/** The thread of `ats-attach-v5.2.ts` since 8dd8f005bdd4 (v5.3): it invalidates the ATC before it disables ATS. */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';

export const atsAttachThreadV53 = atsAttachParts.createMachine({
  id: 'atsAttachThreadV53',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'listed', actions: 'listAdd' } } },
    ...straightLine({ listed: 'enableAts', atsOn: 'installSte' }, 'attached'),
    attached: { on: { DETACH: { target: 'delisted', actions: 'listDel' } } },
    ...straightLine({ delisted: 'abortSte', aborted: ['issueAtcInv', 'issueSync'] }, 'invalidating'),
    invalidating: { on: { SYNC_COMPLETE: 'invalidated' } },
    ...straightLine({ invalidated: 'disableAts' }, 'detached'),
  },
});
