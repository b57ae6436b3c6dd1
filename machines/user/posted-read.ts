/**
 * A read that was posted to io_uring before there is anything to read, and the user's thread that takes its completion (io_uring/rw.c
 * io_read(), poll.c io_arm_apoll(), io_poll_wake(), io_poll_check_events()):
 *
 *   posted -RUN-> (vfs_poll(): nothing) refused -RUN-> (poll_wait()) arming -RUN-> (nothing) armed -WAKE-> woken
 *   woken -RUN-> (vfs_poll(): nothing) posted;   wherever vfs_poll() finds something: punted -RUN-> read(2) -> completed
 *
 * iommufd's fd does not have FMODE_NOWAIT, and without O_NONBLOCK loop_rw_iter() gives -EAGAIN to an inline read, as long as 128 times; then a worker
 * of io-wq reads. The 128 rounds are one step. When it reads, another one may have been faster; then it completes with 0.
 *
 * completed: the user handles the group and answers, and posts the read again, also one with 0.
 * `posted-read-ends-at-0.ts` is with a user that takes 0 for the end.
 *
 * Simplifications: one read, one group; a wake-up has no mask (wake_up_interruptible()), so the task work always asks vfs_poll(); `poll_refs`
 * is whether the entry was woken.
 */
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const postedReadStates = {
  // io_file_supports_nowait()
  idle: faultReaderParts.createStateConfig({ on: { RUN: { target: 'probing', actions: 'check' } } }),
  // Left within the step that entered it, as are the others without RUN but `armed`.
  probing: faultReaderParts.createStateConfig({ on: { READABLE: 'punted', EMPTY: 'refused' } }),
  // -EAGAIN: io_arm_apoll(), io_async_queue_proc()
  refused: faultReaderParts.createStateConfig({ on: { RUN: { target: 'arming', actions: 'addWait' } } }),
  arming: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'checking', actions: 'check' }, WAKE: { actions: 'noteWake' } },
  }),
  checking: faultReaderParts.createStateConfig({
    on: {
      // IO_APOLL_READY
      READABLE: { target: 'punted', actions: ['removeWait', 'forgetWake'] },
      // io_poll_wake() has been here already: its task work runs next.
      EMPTY: [{ guard: 'isWoken', target: 'woken', actions: 'forgetWake' }, { target: 'armed' }],
    },
  }),
  armed: faultReaderParts.createStateConfig({ on: { WAKE: 'woken' } }),
  // io_poll_check_events(); a second wake-up finds the request owned.
  woken: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'rechecking', actions: ['removeWait', 'check'] }, WAKE: {} },
  }),
  // IOU_POLL_DONE, IOU_POLL_REISSUE
  rechecking: faultReaderParts.createStateConfig({ on: { READABLE: 'punted', EMPTY: 'idle' } }),
  // io_wq_submit_work()
  punted: faultReaderParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'read' } } }),
  reading: faultReaderParts.createStateConfig({
    on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'completedWith0' },
  }),
  // The user has the completion.
  handling: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['write', 'forgetGroup'] } },
  }),
  completedWith0: faultReaderParts.createStateConfig({ on: { RUN: 'idle' } }),
};

export const postedRead = faultReaderParts.createMachine({
  id: 'postedRead',
  ...faultReaderConfig,
  states: postedReadStates,
});
