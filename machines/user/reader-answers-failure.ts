/**
 * The thread of `reader.ts` of a VMM whose guest answers each group with Response Failure, and which passes that on as it is. Where the kernel
 * refuses that, it does what the kernel's developers recommend: the guest's PRI is reset, and the group answered Invalid.
 *
 * Simplifications: as there; its buffer is mapped; the second write is one step with the first one.
 */
import { call } from '../parts/call.ts';
import { without } from '../parts/states.ts';
import { userReaderConfig, userReaderParts, userReaderStates } from './reader.ts';

const parts = userReaderParts.extend({
  actions: {
    writeFailure: call('faultQueue', ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'failure' })),
    writeInvalid: call('faultQueue', ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'invalid' })),
  },
});

export const userReaderAnswersFailure = parts.createMachine({
  id: 'userReaderAnswersFailure',
  ...userReaderConfig,
  states: {
    ...without(userReaderStates, 'reading', 'readFailed', 'writing', 'writeFailed', 'responding'),
    reading: {
      initial: 'awake',
      states: {
        awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
        copying: { on: { COPIED: { target: '#handling', actions: ['finishRead', 'unlock'] } } },
      },
    },
    writing: {
      initial: 'awake',
      states: {
        awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
        copying: { on: { COPIED: { target: '#responding', actions: 'writeFailure' } } },
      },
    },
    responding: {
      id: 'responding',
      on: {
        WRITTEN: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
        EINVAL: { actions: 'writeInvalid' },
      },
    },
  },
});
