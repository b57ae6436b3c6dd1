/** Small machines, one for each feature of XState v5 that needs no child. Each is checked as it stands. */
import {
  type AnyStateMachine,
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  log,
  not,
  or,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate';

/** Remembers the names of the last actions, so that their order matters. */
const noting = setup({
  types: { context: {} as { seen: string } },
  actions: {
    note: assign({ seen: ({ context }, { name }: { name: string }) => `${context.seen}${name}`.slice(-6) }),
  },
});
const note = (name: string) => ({ type: 'note', params: { name } }) as const;
const seen = { seen: '' };

const counting = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'UP' | 'DOWN' | 'SET'; by?: number } },
  actions: {
    add: assign({ n: ({ context }, { by }: { by: number }) => (context.n + by + 5) % 5 }),
  },
  guards: {
    below: ({ context }, { max }: { max: number }) => context.n < max,
    even: ({ context }) => context.n % 2 === 0,
    zero: ({ context }) => context.n === 0,
  },
});
const add = (by: number) => ({ type: 'add', params: { by } }) as const;

/** Work that is gone back to. */
const paused = (back: { type: 'history'; history?: 'deep' }) =>
  createMachine({
    initial: 'work',
    states: {
      work: {
        initial: 'a',
        states: { a: { on: { NEXT: 'b' } }, b: { initial: 'x', states: { x: { on: { NEXT: 'y' } }, y: {} } }, back },
        on: { PAUSE: 'paused' },
      },
      paused: { on: { RESUME: 'work.back' } },
    },
  });

export const features: Readonly<Record<string, AnyStateMachine>> = {
  'compound states': createMachine({
    initial: 'off',
    states: {
      off: { on: { POWER: 'on' } },
      on: {
        initial: 'low',
        states: { low: { on: { MORE: 'high' } }, high: { on: { LESS: 'low' } } },
        on: { POWER: 'off' },
      },
    },
  }),
  'parallel states': createMachine({
    type: 'parallel',
    states: {
      bold: { initial: 'off', states: { off: { on: { BOLD: 'on' } }, on: { on: { BOLD: 'off', CLEAR: 'off' } } } },
      italic: {
        initial: 'off',
        states: { off: { on: { ITALIC: 'on' } }, on: { on: { ITALIC: 'off', CLEAR: 'off' } } },
      },
    },
  }),
  'shallow history': paused({ type: 'history' }),
  'deep history': paused({ type: 'history', history: 'deep' }),
  'history with a default, before there is any': createMachine({
    initial: 'paused',
    states: {
      work: {
        initial: 'a',
        states: { a: { on: { NEXT: 'b' } }, b: { on: { NEXT: 'a' } }, back: { type: 'history', target: 'b' } },
        on: { PAUSE: 'paused' },
      },
      paused: { on: { RESUME: 'work.back', START: 'work' } },
    },
  }),
  'deep history of parallel states': createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          one: { initial: 'p', states: { p: { on: { A: 'q' } }, q: { on: { A: 'p' } } } },
          two: { initial: 'p', states: { p: { on: { B: 'q' } }, q: { on: { B: 'p' } } } },
          last: { type: 'history', history: 'deep' },
        },
        on: { OUT: 'out' },
      },
      out: { on: { IN: 'both.last', FRESH: 'both' } },
    },
  }),
  'an always transition with a guard': counting.createMachine({
    context: { n: 0 },
    initial: 'some',
    states: {
      some: {
        always: { guard: { type: 'below', params: { max: 1 } }, target: 'none' },
        on: { DOWN: { actions: add(-1) } },
      },
      none: { on: { UP: { target: 'some', actions: add(2) } } },
    },
  }),
  'a chain of always transitions': noting.createMachine({
    context: seen,
    initial: 'a',
    states: {
      a: { on: { GO: { target: 'b', actions: note('a') } } },
      b: { always: { target: 'c', actions: note('b') } },
      c: { always: { target: 'd', actions: note('c') } },
      d: { entry: note('d'), on: { GO: 'a' } },
    },
  }),
  'an always transition without a target': counting.createMachine({
    context: { n: 0 },
    always: { guard: not({ type: 'below', params: { max: 3 } }), actions: add(-3) },
    on: { UP: { actions: add(1) } },
  }),
  'raised events': noting.createMachine({
    context: seen,
    initial: 'a',
    states: {
      a: { on: { GO: { target: 'b', actions: [raise({ type: 'ONE' }), raise({ type: 'TWO' })] } } },
      b: {
        entry: raise({ type: 'THREE' }),
        on: { ONE: { target: 'c', actions: note('1') }, THREE: { actions: note('x') } },
      },
      c: { on: { TWO: { actions: note('2') }, THREE: { target: 'a', actions: note('3') } } },
    },
  }),
  'a delayed raise': createMachine({
    initial: 'idle',
    states: {
      idle: { on: { START: { target: 'waiting', actions: raise({ type: 'LATE' }, { delay: 100, id: 'late' }) } } },
      waiting: { on: { LATE: 'late', STOP: { target: 'idle', actions: cancel('late') } } },
      late: { on: { START: 'idle' } },
    },
  }),
  'delayed transitions': createMachine({
    initial: 'green',
    states: {
      green: { after: { 3000: 'amber' }, on: { OUT: 'off' } },
      amber: { after: { 1000: 'red' } },
      red: { after: { 3000: 'green' } },
      off: {},
    },
  }),
  'delayed transitions that have an order': createMachine({
    initial: 'open',
    states: { open: { after: { 10: { actions: [] }, 20: 'soon', 30: 'late' } }, soon: {}, late: {} },
  }),
  'a named delay': setup({ delays: { timeout: ({ context }) => (context as { ms: number }).ms } }).createMachine({
    context: { ms: 50 },
    initial: 'asking',
    states: {
      asking: { after: { timeout: 'gone' }, on: { ANSWER: 'done' } },
      gone: { on: { AGAIN: 'asking' } },
      done: {},
    },
  }),
  'a delayed transition with guards': counting.createMachine({
    context: { n: 0 },
    initial: 'trying',
    states: {
      trying: {
        after: {
          100: [
            { guard: { type: 'below', params: { max: 2 } }, target: 'trying', reenter: true, actions: add(1) },
            { target: 'failed' },
          ],
        },
        on: { UP: 'done' },
      },
      failed: {},
      done: {},
    },
  }),
  'a timer that its state takes along': createMachine({
    initial: 'outer',
    states: {
      outer: {
        after: { 500: 'gone' },
        initial: 'a',
        states: { a: { on: { NEXT: 'b' } }, b: { after: { 100: 'a' } } },
        on: { RESET: { target: 'outer', reenter: true } },
      },
      gone: {},
    },
  }),
  'a message to itself, later': createMachine({
    initial: 'idle',
    states: {
      idle: {
        on: {
          START: {
            target: 'waiting',
            actions: sendTo(({ self }) => self, { type: 'RING' }, { delay: 10, id: 'ring' }),
          },
        },
      },
      waiting: { on: { RING: 'rung', STOP: { target: 'idle', actions: cancel('ring') } } },
      rung: { on: { STOP: 'idle' } },
    },
  }),
  'a message to itself, at once': createMachine({
    initial: 'a',
    states: {
      a: { on: { GO: { target: 'b', actions: sendTo(({ self }) => self, { type: 'MORE' }) } } },
      b: { on: { MORE: 'c', GO: 'a' } },
      c: { on: { GO: 'a' } },
    },
  }),
  'a wildcard': createMachine({
    initial: 'a',
    states: {
      a: { on: { KNOWN: 'b', '*': 'c' } },
      b: { on: { '*': { target: 'a' } } },
      c: { on: { KNOWN: 'a', OTHER: 'b' } },
    },
  }),
  'a wildcard for a part': createMachine({
    initial: 'a',
    states: {
      a: { on: { 'mouse.*': 'mouse', 'key.down': 'key' } },
      mouse: { on: { 'mouse.up': 'a', 'key.*': 'key' } },
      key: { on: { 'key.up': 'a' } },
    },
  }),
  'a forbidden transition': createMachine({
    initial: 'free',
    on: { LEAVE: '.gone' },
    states: { free: { on: { LOCK: 'locked' } }, locked: { on: { LEAVE: {}, OPEN: 'free' } }, gone: {} },
  }),
  'a transition that enters anew, and one that does not': noting.createMachine({
    context: seen,
    initial: 'a',
    entry: note('r'),
    states: {
      a: {
        entry: note('+'),
        exit: note('-'),
        initial: 'one',
        states: { one: { on: { STEP: 'two' } }, two: {} },
        on: {
          INNER: '.one',
          OUTER: { target: 'a', reenter: true },
          STAY: { actions: note('s') },
          DEEP: { target: '.one', reenter: true },
        },
      },
    },
  }),
  'the order of exit, transition and entry': noting.createMachine({
    context: seen,
    initial: 'p',
    states: {
      p: {
        exit: note('p'),
        initial: 'a',
        states: { a: { exit: note('a'), on: { GO: { target: '#q.b', actions: note('t') } } } },
      },
      q: { id: 'q', entry: note('q'), initial: 'a', states: { a: {}, b: { entry: note('b'), on: { GO: '#p' } } } },
      home: { id: 'p', always: 'p' },
    },
  }),
  'a context that an event sets': setup({
    types: { context: {} as { last: string | null }, events: {} as { type: 'SET'; to?: string } | { type: 'CLEAR' } },
  }).createMachine({
    context: { last: null },
    on: {
      SET: { actions: assign({ last: ({ event }) => event.to ?? 'nothing' }) },
      CLEAR: { actions: assign({ last: null }) },
    },
  }),
  'several assigns in a row': counting.createMachine({
    context: { n: 0 },
    on: {
      UP: { actions: [add(1), add(1), assign({ n: ({ context }) => (context.n * 2) % 5 })] },
      DOWN: { actions: add(-1) },
    },
  }),
  'guards with parameters': counting.createMachine({
    context: { n: 0 },
    on: {
      UP: [
        { guard: { type: 'below', params: { max: 2 } }, actions: add(1) },
        { guard: { type: 'below', params: { max: 4 } }, actions: add(2) },
      ],
      DOWN: {
        guard: { type: 'below', params: ({ context }: { context: { n: number } }) => ({ max: context.n + 1 }) },
        actions: add(-1),
      },
    },
  }),
  'guards that are joined': counting.createMachine({
    context: { n: 0 },
    on: {
      UP: { guard: or(['zero', not('even')]), actions: add(1) },
      DOWN: { guard: and(['even', not('zero')]), actions: add(-1) },
      SET: { guard: not(and(['even', not('zero')])), actions: add(3) },
    },
  }),
  'a guard that asks for a state': createMachine({
    type: 'parallel',
    states: {
      door: { initial: 'shut', states: { shut: { on: { OPEN: 'open' } }, open: { on: { SHUT: 'shut' } } } },
      light: {
        initial: 'off',
        states: {
          off: { on: { LIGHT: { guard: stateIn({ door: 'open' }), target: 'on' } } },
          on: { always: { guard: stateIn({ door: 'shut' }), target: 'off' } },
        },
      },
    },
  }),
  'a compound state that is done': noting.createMachine({
    context: seen,
    initial: 'form',
    states: {
      form: {
        initial: 'name',
        states: {
          name: { on: { NEXT: 'mail', SKIP: 'end' } },
          mail: { on: { NEXT: 'end', BACK: 'name' } },
          end: { type: 'final', entry: note('e') },
        },
        onDone: { target: 'sent', actions: note('d') },
      },
      sent: { on: { AGAIN: 'form' } },
    },
  }),
  'parallel states that are done together': createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          one: { initial: 'at', states: { at: { on: { ONE: 'end' } }, end: { type: 'final' } } },
          two: { initial: 'at', states: { at: { on: { TWO: 'end' } }, end: { type: 'final' } } },
        },
        onDone: 'over',
      },
      over: { on: { AGAIN: 'both' } },
    },
  }),
  'an output of a state that is done': setup({
    types: { context: {} as { got: string } },
  }).createMachine({
    context: { got: '' },
    initial: 'asking',
    states: {
      asking: {
        initial: 'open',
        states: {
          open: { on: { YES: 'yes', NO: 'no' } },
          yes: { type: 'final', output: 'yes' },
          no: { type: 'final', output: 'no' },
        },
        onDone: { target: 'told', actions: assign({ got: ({ event }) => String(event.output) }) },
      },
      told: { on: { AGAIN: 'asking' } },
    },
  }),
  'a machine that is done, with an output': counting.createMachine({
    context: { n: 0 },
    initial: 'at',
    states: { at: { on: { UP: { actions: add(1) }, SET: 'end' } }, end: { type: 'final' } },
    output: ({ context }) => ({ n: context.n }),
  }),
  'actions that are enqueued': counting.createMachine({
    context: { n: 0 },
    initial: 'a',
    states: {
      a: {
        on: {
          UP: {
            actions: enqueueActions(({ enqueue, check, context }) => {
              enqueue(add(1));
              if (check({ type: 'below', params: { max: 3 } })) enqueue.assign({ n: (context.n + 2) % 5 });
              if (check('even')) enqueue.raise({ type: 'SET' });
            }),
          },
          SET: 'b',
        },
      },
      b: { on: { DOWN: { target: 'a', actions: add(-1) } } },
    },
  }),
  'an input': setup({
    types: { context: {} as { left: number }, input: {} as { left?: number } | undefined },
  }).createMachine({
    context: ({ input }) => ({ left: input?.left ?? 3 }),
    on: {
      TAKE: { guard: ({ context }) => context.left > 0, actions: assign({ left: ({ context }) => context.left - 1 }) },
    },
  }),
  'tags and meta': createMachine({
    initial: 'a',
    states: {
      a: { tags: ['busy'], meta: { view: 'x' }, on: { GO: 'b' } },
      b: { tags: 'calm', description: 'nothing to do', on: { GO: 'a' } },
    },
  }),
  'several targets': createMachine({
    type: 'parallel',
    on: { JUMP: ['.one.b', '.two.b'] as never, HOME: ['.one.a', '.two.a'] as never },
    states: {
      one: { initial: 'a', states: { a: { on: { ONE: 'b' } }, b: {} } },
      two: { initial: 'a', states: { a: { on: { TWO: 'b' } }, b: {} } },
    },
  }),
  'a target by its id, and one within': createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: { on: { IN: '#deep', BACK: '#m.b' } },
      b: { initial: 'x', states: { x: {}, y: { id: 'deep', on: { UP: '#m.a' } } }, on: { IN: '.y', LEAVE: 'a' } },
    },
  }),
  'an initial transition with actions': noting.createMachine({
    context: seen,
    initial: 'a',
    states: {
      a: {
        initial: { target: 'x', actions: note('i') },
        states: { x: { entry: note('x') } },
        on: { AGAIN: { target: 'a', reenter: true } },
      },
    },
  }),
  'events that are emitted, and logs': createMachine({
    initial: 'a',
    states: {
      a: { entry: log('in a'), on: { GO: { target: 'b', actions: emit({ type: 'went' }) } } },
      b: { on: { GO: 'a' } },
    },
  }),
  'a child state that hides its parent': createMachine({
    initial: 'p',
    states: {
      p: {
        initial: 'a',
        on: { X: 'q', Y: 'q' },
        states: { a: { on: { X: 'b' } }, b: { on: { X: { guard: () => false, target: 'a' } } } },
      },
      q: { on: { X: 'p' } },
    },
  }),
  'conflicting transitions of parallel states': createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          one: { initial: 'a', states: { a: { on: { X: 'b', Y: '#out' } }, b: { on: { X: '#out' } } } },
          two: { initial: 'a', states: { a: { on: { X: 'b', Y: 'b' } }, b: { on: { X: 'a' } } } },
        },
      },
      out: { id: 'out', on: { X: 'both' } },
    },
  }),
};
