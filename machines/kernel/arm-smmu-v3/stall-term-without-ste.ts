/** The thread of `stall-term.ts` that does not stop the stream first, which CMD_STALL_TERM asks for (SMMUv3 H.a 4.7.2). */
import { straightLine } from '../../parts/straight-line.ts';
import { stallTermConfig, stallTermParts } from './stall-term.ts';

export const stallTermThreadWithoutSte = stallTermParts.createMachine({
  id: 'stallTermThreadWithoutSte',
  ...stallTermConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    ...straightLine({ active: 'terminate', terminated: ['awaitEmpty', 'awaitThread', 'acknowledge'] }, 'idle'),
  },
});
