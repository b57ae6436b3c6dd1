/**
 * The thread of `attach-v7.0.ts` for a device that has faults without PASID only: it joins its iopf queue and leaves it, in the order that
 * B-75 asks for, handle and hardware as there. No release does it in this order; it is for races that are about something else.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts, iommufdAttachStates } from './attach-v7.0.ts';

export const ridThread = iommufdAttachParts.createMachine({
  id: 'ridThread',
  ...iommufdAttachConfig,
  initial: 'detached',
  states: {
    ...iommufdAttachStates,
    detached: iommufdAttachParts.createStateConfig({
      on: { ATTACH: { target: 'switched', actions: ['allocateHandle', 'addDevice', 'setEntry'] } },
    }),
    ...straightLine({ drained: ['removeDevice', 'eraseHandle'] }, 'erased'),
  },
});
