/** A scenario all of whose names, texts and values try to be markup, and to reach the terminal. */
import { assign, createMachine, type EventObject, sendTo } from 'xstate';
import { z } from 'zod';
import { defineScenario, type Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

/** Without a dot, which would make a path of the name of a state. */
export const MARKUP = `</script><script>window['hacked']=1</script><img src=x onerror="window['hacked']=2">"'\`&lt;&#x27;]]>--><!--`;
/** A title, a colour that we never use, a carriage return, C1, what turns text round, line ends of JavaScript, half a pair. */
export const CONTROLS = '\u001b]0;owned\u0007\u001b[8m\u001b[31m\r\u009b2K\u202egnp\u2066\u2028\ud800\u007f';
const EVIL = `${MARKUP}${CONTROLS}`;

const receiver = createMachine({
  id: `receiver ${EVIL}`,
  context: { [EVIL]: EVIL },
  initial: EVIL,
  states: {
    [EVIL]: {
      description: EVIL,
      on: { [EVIL]: { target: `then ${EVIL}`, actions: assign({ [EVIL]: ({ event }) => event[EVIL] }) } },
    },
    [`then ${EVIL}`]: { tags: [EVIL], meta: { [EVIL]: EVIL } },
  },
});

const sender = createMachine(
  {
    id: `sender ${EVIL}`,
    initial: 'a',
    states: {
      a: {
        on: {
          GO: {
            guard: { type: `guard ${EVIL}` },
            target: 'b',
            actions: [sendTo(({ system }) => system.get('k'), { type: EVIL, [EVIL]: `value ${EVIL}` } as EventObject)],
          },
        },
      },
      b: {},
    },
  },
  { guards: { [`guard ${EVIL}`]: () => true } },
);

export const VARIANT = `variant ${EVIL}`;
/** An actor's name has to be a plain word. */
export const ACTOR = 'k';

export const hostile: Scenario = defineScenario({
  name: 'hostile',
  title: EVIL,
  sources: [EVIL],
  group: 'textbook',
  parameters: z.object({ size: z.int().min(1).max(2).default(1).describe(EVIL) }),
  variants: { [VARIANT]: { title: EVIL, expected: { verdict: 'violated', property: `never ${EVIL}` } } },
  build: () =>
    defineSystem({
      actors: { a: actor(sender, { choices: [{ type: 'GO' }] }), [ACTOR]: actor(receiver) },
      channels: { [`channel ${EVIL}`]: { to: [ACTOR], order: 'fifo', capacity: 1 } },
      deadlock: 'ignore',
      properties: ({ always, reachable }) => [
        reachable(`some ${EVIL}`, () => true),
        always(`never ${EVIL}`, (view) => !view.get(ACTOR).matches(`then ${EVIL}` as never)),
      ],
    }),
});
