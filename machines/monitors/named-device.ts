/**
 * Whether a fault is told to the user as one of the device that it is of: the `struct iommufd_device` whose ID is read is that device's.
 */
import { setup } from 'xstate';
import type { Observed } from '../../src/system/property.ts';

interface NamedDevice {
  /** By device, its `struct iommufd_device`. */
  readonly idevs: Readonly<Record<string, string>>;
}

export const namedDevice = setup({
  types: {
    input: {} as NamedDevice,
    context: {} as NamedDevice,
    events: {} as Observed<{ type: 'READ_ID'; device: string }>,
  },
  guards: { isAnother: ({ context, event }) => context.idevs[event.message.device] !== event.to },
}).createMachine({
  id: 'namedDevice',
  context: ({ input }) => input,
  initial: 'right',
  states: {
    right: { on: { READ_ID: { guard: 'isAnother', target: 'wrong' } } },
    wrong: { tags: 'violation' },
  },
});
