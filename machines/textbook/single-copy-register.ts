/**
 * A register that clients write and read over a network, and the history of what they ask for and get: is it linearizable, that is, can
 * the operations be put into one order that explains all answers and in which nothing comes before what was over when it began?
 *
 * Known counts: Stateright finds 93 states for two clients and one server; with two servers, of which each client writes to one and reads
 * from another, an answer that cannot be explained after four steps (its example single-copy-register).
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { linearizable } from '../parts/linearizable.ts';
import { names } from '../parts/names.ts';
import { isReadFrom, NOTHING, type Request, registerClient } from '../parts/register.ts';

const register = setup({
  types: { context: {} as { value: string }, events: {} as Request },
  actions: {
    store: assign({ value: ({ context, event }) => (event.type === 'PUT' ? event.value : context.value) }),
    confirm: sendTo(({ system, event }) => system.get(event.by), { type: 'PUT_OK' }),
    answer: sendTo(
      ({ system, event }) => system.get(event.by),
      ({ context }) => ({ type: 'GET_OK', value: context.value }),
    ),
  },
}).createMachine({
  id: 'register',
  context: { value: NOTHING },
  on: { PUT: { actions: ['store', 'confirm'] }, GET: { actions: 'answer' } },
});

export const singleCopyRegister = defineScenario({
  name: 'single-copy-register',
  title: 'Clients write and read a register over a network',
  sources: ['Stateright single-copy-register; Herlihy and Wing, Linearizability (TOPLAS 12, 1990)'],
  group: 'textbook',
  parameters: z.object({
    clients: z.number().int().min(2).max(4).default(2).describe('clients, each of which writes once and then reads'),
  }),
  variants: {
    fixed: { title: 'one server has the register', expected: { verdict: 'holds', counts: [93, 120] } },
    'two-copies': {
      title: 'two servers have a register each, and clients read the one that they do not write',
      expected: { verdict: 'violated', property: 'the history is linearizable', length: 4 },
    },
  },
  build({ clients: count }, variant) {
    const servers = names('server', variant === 'two-copies' ? 2 : 1);
    const server = (index: number) => servers[index % servers.length]!;
    return defineSystem({
      actors: combineActors(
        Object.fromEntries(servers.map((name) => [name, actor(register)])),
        family('client', count, (index) =>
          actor(registerClient, {
            input: { value: 'ABCD'[index]!, writesTo: server(index), readsFrom: server(index + 1) },
            rest: ['done'],
          }),
        ),
      ),
      channels: {
        network: { to: [...servers, ...names('client', count)], order: 'unordered', capacity: Infinity },
      },
      properties: ({ monitor, reachable }) => [
        monitor('the history is linearizable', linearizable),
        reachable('a value that was written is read', (view) => isReadFrom(view, 'network')),
      ],
    });
  },
});
