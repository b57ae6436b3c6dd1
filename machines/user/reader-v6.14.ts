/**
 * A user-space thread that handles faults, on a kernel from 3d49020a327c (v6.14) to 172fc8b19825. When a copy of its read fails, the
 * group is put back, and the read leaves the loop over the group's faults but not the one around it, which takes the first group of
 * the list: the same.
 *
 * When the copy of its write fails, it is told how many bytes were _not_ copied: as many as it wanted to write. It takes its group for
 * answered (iommufd_fault_fops_write(), from 07838f7fd529 on).
 */
import { without } from '../parts/states.ts';
import { userReaderConfig, userReaderParts, userReaderStates } from './reader.ts';

const { reading, writing } = userReaderStates;

export const userReaderV614States = {
  ...without(userReaderStates, 'readFailed', 'writeFailed'),
  reading: userReaderParts.createStateConfig({
    ...reading,
    states: {
      ...reading.states,
      copying: {
        on: {
          ...reading.states.copying.on,
          // The break leaves list_for_each_entry(), and the loop around it goes on, with the mutex held.
          COPY_FAILED: { target: 'goingOn', actions: ['putBack', 'forgetCookie'] },
        },
      },
      // The list is not empty, the group was put back.
      goingOn: { on: { RUN: { target: '#fetching', actions: 'fetch' } } },
    },
  }),
  writing: userReaderParts.createStateConfig({
    ...writing,
    states: {
      ...writing.states,
      copying: {
        on: {
          ...writing.states.copying.on,
          // `done == 0 ? rc : done`, with the rc of copy_from_user()
          COPY_FAILED: { target: '#idle', actions: ['unlock', 'forgetCookie'] },
        },
      },
    },
  }),
};

export const userReaderV614 = userReaderParts.createMachine({
  id: 'userReaderV614',
  ...userReaderConfig,
  states: userReaderV614States,
});
