/** The thread of `ats-attach-counts.ts` with a writel_relaxed() for the Enable bit, before which there is no barrier: no release has it. */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';
import { atsAttachCountsDetach } from './ats-attach-counts.ts';

export const atsAttachThreadRelaxed = atsAttachParts.createMachine({
  id: 'atsAttachThreadRelaxed',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'translated', actions: 'installSte' } } },
    ...straightLine({ translated: 'listAdd', listed: 'countUp', counted: 'enableAts' }, 'attached'),
    ...atsAttachCountsDetach,
  },
});
