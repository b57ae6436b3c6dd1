/**
 * Machines as people write them, one for each thing that XState has; in shape they are the ones that XState's own
 * documentation and example folder teach with (a lending workflow, a booking form, a service that is retried, a media
 * player, a credit check), in words they are ours.
 */
import {
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  fromPromise,
  not,
  or,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stateIn,
} from 'xstate';

/** States with spaces, a delay by name, inline guards, a nested workflow with a final state of its own. */
export const lending = createMachine({
  id: 'lending',
  initial: 'Wait for a request',
  context: { status: 'unknown' },
  states: {
    'Wait for a request': { on: { request: { target: 'Look it up', actions: assign({ status: 'unknown' }) } } },
    'Look it up': { invoke: { src: 'find the book', onDone: 'Decide' } },
    Decide: {
      always: [
        { guard: ({ context }) => context.status === 'lent', target: 'Tell the reader' },
        { guard: ({ context }) => context.status === 'here', target: 'Check out' },
        { target: 'End' },
      ],
    },
    'Tell the reader': { on: { hold: 'Sleep two weeks', decline: 'End' } },
    'Sleep two weeks': { after: { TWO_WEEKS: 'Look it up' } },
    'Check out': {
      initial: 'Stamp',
      onDone: 'End',
      states: {
        Stamp: { invoke: { src: 'stamp', onDone: { target: 'Notify', actions: sendParent({ type: 'STAMPED' }) } } },
        Notify: { invoke: { src: 'notify', onDone: { target: 'Done' } } },
        Done: { type: 'final' },
      },
    },
    End: { type: 'final' },
  },
});

/** Targets by id out of a nested state, guards as objects, a targetless transition of a compound state. */
export const booking = setup({
  actors: { booker: fromPromise(async () => 1) },
  actions: { setDate: () => {} },
  guards: { 'isValid?': () => true },
}).createMachine({
  id: 'booking',
  initial: 'scheduling',
  states: {
    scheduling: {
      initial: 'oneWay',
      on: { CHANGE_DATE: { actions: { type: 'setDate' } } },
      states: {
        oneWay: {
          on: { CHANGE_TRIP: 'roundTrip', BOOK: { target: '#booking.sending', guard: { type: 'isValid?' } } },
        },
        roundTrip: { on: { CHANGE_TRIP: 'oneWay', BOOK: { target: '#booking.sending', guard: 'isValid?' } } },
      },
    },
    sending: { invoke: { src: 'booker', onDone: 'booked', onError: 'scheduling' } },
    booked: { type: 'final', output: { ok: true } },
  },
});

/** Delays by name and in milliseconds, guards in order, entry and exit, built-in actions. */
export const retried = createMachine({
  id: 'retried',
  initial: 'running',
  context: { errors: 0 },
  states: {
    running: {
      entry: ['init', assign({ errors: ({ context }) => context.errors + 1 })],
      exit: cancel('watchdog'),
      invoke: {
        src: 'service',
        id: 'service',
        systemId: 'svc',
        onDone: 'done',
        onError: 'failed',
        onSnapshot: { actions: 'log' },
      },
      after: { 5000: { target: 'failed', actions: raise({ type: 'LATE' }, { delay: 10 }) } },
    },
    failed: {
      entry: [sendTo('logger', { type: 'FAILED' }), emit({ type: 'failed' }), spawnChild('cleaner')],
      after: { BACK_OFF: [{ guard: 'tooOften', target: 'gaveUp' }, { target: 'running' }] },
      on: {
        RETRY: { target: 'running', guard: and([not('tooOften'), or(['isManual', stateIn({ failed: 'a' })])]) },
        LATE: {},
      },
    },
    done: { type: 'final' },
    gaveUp: { type: 'final', entry: enqueueActions(() => {}) },
  },
});

/** Parallel regions, history of both kinds, several targets at once, reenter, wildcards, transitions of the machine. */
export const player = createMachine({
  id: 'player',
  type: 'parallel',
  entry: 'powerOn',
  on: {
    'volume.*': { actions: 'setVolume' },
    '*': { actions: 'warn' },
    SCENE: { target: ['.sound.on', '.picture.wide'] },
  },
  states: {
    sound: {
      initial: 'on',
      states: { on: { on: { MUTE: 'off' } }, off: { tags: ['quiet', 'dark'], on: { UNMUTE: 'on' } } },
    },
    picture: {
      initial: 'normal',
      on: { RESTART: { target: '.normal', reenter: true }, NORMAL: '.normal' },
      states: {
        normal: { on: { WIDE: 'wide', STANDBY: '#asleep' } },
        wide: { on: { NORMAL: { target: 'normal' }, AGAIN: { target: 'wide', reenter: true }, STAY: 'wide' } },
        asleep: { id: 'asleep', on: { WAKE: 'last', WAKE_DEEP: 'lastDeep' } },
        last: { type: 'history', target: 'wide' },
        lastDeep: { type: 'history', history: 'deep' },
      },
    },
    clock: {},
  },
});

/** Descriptions, a done event of a parallel state, actions with parameters, an initial transition with an action. */
export const creditCheck = createMachine({
  id: 'creditCheck',
  initial: 'entering',
  states: {
    entering: { on: { SUBMIT: { target: 'checking', reenter: true, description: 'the form is complete' } } },
    checking: {
      description: 'Asks two bureaus at once, and waits for both',
      type: 'parallel',
      onDone: [
        { target: 'offering', guard: 'allSucceeded' },
        { target: 'entering', actions: 'apologise' },
      ],
      states: {
        first: bureau('first'),
        second: bureau('second'),
      },
    },
    offering: { initial: { target: 'interest', actions: ['prepare'] }, states: { interest: { type: 'final' } } },
  },
});

function bureau(name: string) {
  return {
    initial: 'asking',
    states: {
      asking: {
        invoke: { src: 'ask', id: name, onDone: { target: 'saved', guard: `${name}Found` }, onError: 'failed' },
      },
      saved: { type: 'final' as const, entry: { type: 'save', params: { bureau: name } } },
      failed: { type: 'final' as const },
    },
  };
}

/** No state at all, and everything in the machine itself. */
export const counter = createMachine({
  id: 'counter',
  context: { count: 0 },
  on: {
    INC: { actions: assign({ count: ({ context }) => context.count + 1 }), guard: ({ context }) => context.count < 10 },
    RESET: { actions: assign({ count: 0 }) },
  },
});

/** No state but the machine, which is left and entered again. */
export const restarted = createMachine({
  id: 'restarted',
  entry: 'start',
  on: { RESTART: { target: '#restarted', reenter: true }, AGAIN: { target: '#restarted', actions: 'again' } },
});

/** Names that every format must quote. */
export const awkward = createMachine({
  id: 'it "quotes" <b>& more</b>',
  initial: 'a "b" <c> & d',
  states: {
    'a "b" <c> & d': {
      entry: 'say "hi"; then: {go} #1 %% ok \\n --> [*]',
      on: {
        'event with spaces': { target: 'end', guard: 'a < b && c > "d"' },
        'semi;colon:colon': { target: 'note', actions: ['x', '`tick`', '100%', '</script>'] },
        'ünïcödé → ✓': 'state',
      },
    },
    end: { on: { BACK: 'dots\\.in\\.name' } },
    note: { on: { '*': 'end' } },
    state: { on: { '--': 'end' } },
    'dots.in.name': { type: 'final' },
    aVeryLongNameOfAStateThatDoesNotFitOnOneLineOfAnyBoxInAPicture: {
      on: {
        AN_EVENT_WITH_A_LONG_NAME_THAT_MUST_BE_BROKEN_SOMEWHERE: {
          guard: 'aGuardWhoseNameIsLongerThanALabelShouldBeByFar',
          actions: ['firstDoThis', 'thenDoThat', 'andFinallyDoSomethingElseThatTakesLonger'],
          target: 'end',
        },
      },
    },
  },
});

export const EXAMPLES = { lending, booking, retried, player, creditCheck, counter, restarted, awkward };
