/** The entry for one page in a table that mirrors an mm's page table: a device's, or a guest's stage 2. */
import { setup } from 'xstate';

export type MirrorEntryEvent =
  /** The subscriber writes it, under its lock. */
  | { type: 'INSTALL' }
  /** The notifier's callback takes it away, under the same lock, and flushes what has cached it. */
  | { type: 'ZAP' };

export const mirrorEntry = setup({ types: { events: {} as MirrorEntryEvent } }).createMachine({
  id: 'mirrorEntry',
  initial: 'empty',
  states: { empty: { on: { INSTALL: 'mapped', ZAP: {} } }, mapped: { on: { INSTALL: {}, ZAP: 'empty' } } },
});
