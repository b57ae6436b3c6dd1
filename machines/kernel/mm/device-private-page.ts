/**
 * A page of processes whose data is in the memory of a device (ZONE_DEVICE, MEMORY_DEVICE_PRIVATE), which CPUs cannot reach: its entry in each
 * process, its lock and its references. A CPU that touches it has it migrated to RAM.
 *
 *   on the device -COLLECT-> being migrated -MIGRATE-> in RAM
 *                                           -MIGRATE, somebody has a reference-> on the device
 *
 * Collecting replaces the entry of who collects (mm/migrate_device.c migrate_vma_collect_pmd()); entries of other processes are replaced
 * later (try_to_migrate()), so until then these still find a device entry. List 'AWAIT_UNLOCK' as `blocking`: who waits for the lock sleeps.
 *
 * Simplifications: each thread is of a process of its own, so it meets no migration entry; references are those of page faults, without the
 * one of the migration itself and those of the entries; in RAM the page stays; the page table lock is the atomicity of a step.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type DevicePrivatePageEvent =
  /** mm/memory.c do_swap_page(), up to the kind of entry: the reply is DEVICE_ENTRY or PRESENT. */
  | { type: 'LOOK'; by: string }
  /** get_page(), put_page() */
  | { type: 'GET' }
  | { type: 'PUT' }
  /** trylock_page(): the reply is LOCKED or BUSY. */
  | { type: 'TRYLOCK'; by: string }
  | { type: 'UNLOCK' }
  /** softleaf_entry_wait_on_locked() */
  | { type: 'AWAIT_UNLOCK' }
  /** migrate_vma_collect(), with the page's lock, which it tries to take if its caller has not: the reply is COLLECTED or NOTHING. */
  | { type: 'COLLECT'; by: string }
  /** migrate_device_unmap(), after the drain, to migrate_vma_finalize(): the reply is MIGRATED or RESTORED. */
  | { type: 'MIGRATE'; by: string };

interface Held {
  readonly references: number;
  /** Who has the page's lock. */
  readonly owner: string | null;
}

export const devicePrivatePage = setup({
  types: { context: {} as Held, events: {} as DevicePrivatePageEvent },
  guards: {
    isUnlocked: ({ context }) => context.owner === null,
    isAlone: ({ context }) => context.references === 1,
  },
  actions: {
    get: assign({ references: ({ context }) => context.references + 1 }),
    put: assign({ references: ({ context }) => context.references - 1 }),
    lock: assign({ owner: from(['TRYLOCK', 'COLLECT'], ({ event }) => event.by) }),
    unlock: assign({ owner: null }),
    replyDeviceEntry: reply('DEVICE_ENTRY'),
    replyPresent: reply('PRESENT'),
    replyLocked: reply('LOCKED'),
    replyBusy: reply('BUSY'),
    replyCollected: reply('COLLECTED'),
    replyNothing: reply('NOTHING'),
    replyMigrated: reply('MIGRATED'),
    replyRestored: reply('RESTORED'),
  },
}).createMachine({
  id: 'devicePrivatePage',
  context: { references: 0, owner: null },
  initial: 'onDevice',
  on: {
    GET: { actions: 'get' },
    PUT: { actions: 'put' },
    UNLOCK: { actions: 'unlock' },
    AWAIT_UNLOCK: { guard: 'isUnlocked' },
  },
  states: {
    onDevice: {
      on: {
        LOOK: { actions: 'replyDeviceEntry' },
        TRYLOCK: [{ guard: 'isUnlocked', actions: ['lock', 'replyLocked'] }, { actions: 'replyBusy' }],
        COLLECT: { target: 'migrating', actions: ['lock', 'replyCollected'] },
      },
    },
    migrating: {
      on: {
        LOOK: { actions: 'replyDeviceEntry' },
        TRYLOCK: { actions: 'replyBusy' },
        COLLECT: { actions: 'replyNothing' },
        MIGRATE: [
          // migrate_vma_check_page()
          { guard: 'isAlone', target: 'inRam', actions: 'replyMigrated' },
          { target: 'onDevice', actions: 'replyRestored' },
        ],
      },
    },
    inRam: {
      on: { LOOK: { actions: 'replyPresent' } },
    },
  },
});
