/**
 * The loop of arm-smmu-v3.c arm_smmu_priq_thread(), since 0d535967ac65 (v4.19), with what the unmerged PRI series of 2018 to 2020
 * added to it: after an overflow partial groups are discarded. It is the only reader of the queue here; in the series a flush
 * reads it too, which makes it wrong: `priq-v8.ts` has both, and B-74 what comes of it.
 *
 *   until the queue is empty by the last PROD that was read:
 *     take an entry: read the slot and give it back with a CONS write of its own (queue_remove_raw()); report it
 *     when there is none: read PROD again (queue_sync_prod_in())
 *   write CONS with OVACKFLG set to the OVFLG that was last read
 *   if there was an overflow: discard the partial groups
 *
 * It differs from `priq.ts` in every step and yet is right, and nearly wrong: partial groups outlive the
 * acknowledgement, but nothing that came after it is handled before they are discarded.
 *
 * Simplifications: as `priq.ts`; giving the slot back and reporting the entry is one step, because only this
 * thread would see the difference; the series sees an overflow where OVFLG differs from the last PROD that was read, and not, as
 * here, from OVACKFLG: with one reader, which acknowledges whenever it is done, that is the same; without an overflow to
 * acknowledge CONS is not written again.
 */
import { without } from '../../parts/states.ts';
import { priq, priqConfig, priqStates } from './priq.ts';

/** A thread that does one thing otherwise replaces a state. */
export const priqDrainStates = {
  ...without(priqStates, 'awake', 'recovered', 'releasing'),
  asleep: priq.createStateConfig({
    on: { IRQ: 'syncingProd' },
  }),
  // queue_sync_prod_in()
  syncingProd: priq.createStateConfig({
    on: { RUN: { target: 'readingProd', actions: 'readProd' } },
  }),
  deciding: priq.createStateConfig({
    always: [
      { guard: 'hasEntries', target: 'handling' },
      { guard: 'sawOverflow', target: 'acknowledging' },
      { target: 'returning' },
    ],
  }),
  readingEntry: priq.createStateConfig({
    on: {
      ENTRY: [
        { guard: 'isStopMarker', target: 'entryDone', actions: ['advanceCons', 'writeCons'] },
        { target: 'entryDone', actions: ['advanceCons', 'writeCons', 'report'] },
      ],
    },
  }),
  entryDone: priq.createStateConfig({
    always: [{ guard: 'hasEntries', target: 'handling' }, { target: 'syncingProd' }],
  }),
  acknowledging: priq.createStateConfig({
    on: { RUN: { target: 'discarding', actions: ['acknowledge', 'writeCons'] } },
  }),
  discarding: priq.createStateConfig({
    on: { RUN: { target: 'returning', actions: 'discardPartials' } },
  }),
  returning: priq.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'syncingProd', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

export const priqDrainThread = priq.createMachine({ id: 'priqDrainThread', ...priqConfig, states: priqDrainStates });
