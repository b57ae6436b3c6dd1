/**
 * `evt_pending` of iommu_report_device_fault(), to 0095bf83554f: a copy of the last request of a group (`struct iopf_fault`), allocated by the
 * report, and freed by whoever takes it off `fault_param->faults`. Freed memory takes everything in silence; a monitor sees it
 * (`../../monitors/object-lifetime.ts`).
 *
 * Simplification: one place in memory for each index of a device.
 */
import { setup } from 'xstate';

export type LastFaultEvent = { type: 'ALLOC' } | { type: 'LIST_DEL' } | { type: 'FREE' };

export const lastFault = setup({ types: { context: {}, events: {} as LastFaultEvent } }).createMachine({
  id: 'lastFault',
  context: {},
  initial: 'freed',
  states: {
    freed: { on: { ALLOC: 'allocated', LIST_DEL: {}, FREE: {} } },
    allocated: { on: { LIST_DEL: {}, FREE: 'freed' } },
  },
});
