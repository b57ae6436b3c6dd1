/**
 * The thread of `ats-attach.ts` in v5.2: ATS is on before there is an STE, and is off after there is none any more; the ATC is not invalidated,
 * since "disabling ATS invalidates all ATC entries", as a comment said.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';

export const atsAttachThreadV52 = atsAttachParts.createMachine({
  id: 'atsAttachThreadV52',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'listed', actions: 'listAdd' } } },
    ...straightLine({ listed: 'enableAts', atsOn: 'installSte' }, 'attached'),
    attached: { on: { DETACH: { target: 'delisted', actions: 'listDel' } } },
    ...straightLine({ delisted: 'abortSte', aborted: 'disableAts' }, 'detached'),
  },
});
