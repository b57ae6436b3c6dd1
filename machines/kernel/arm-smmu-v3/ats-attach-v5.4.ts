/** The thread of `ats-attach.ts` from v5.4 (bfff88ec1afe and cdb8a3c34635) to v6.10: the device is off before its ATC is invalidated, and then delisted. */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';

/** A version that attaches otherwise detaches as this one does. */
export const atsDetachV54 = {
  attached: { on: { DETACH: { target: 'atsOff', actions: 'disableAts' } } },
  ...straightLine({ atsOff: ['issueAtcInv', 'issueSync'] }, 'invalidating'),
  invalidating: { on: { SYNC_COMPLETE: 'invalidated' } },
  ...straightLine({ invalidated: 'listDel', delisted: 'abortSte' }, 'detached'),
} as const;

export const atsAttachThreadV54 = atsAttachParts.createMachine({
  id: 'atsAttachThreadV54',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'translated', actions: 'installSte' } } },
    ...straightLine({ translated: 'listAdd', listed: 'enableAts' }, 'attached'),
    ...atsDetachV54,
  },
});
