/** A register as its clients see it: what they ask for, what they get, and a client that writes once and then reads. */
import { sendTo, setup } from 'xstate';
import type { SystemView } from '../../src/system/property.ts';

/** What a register has before anybody has written. */
export const NOTHING = '-';

export type Request = { type: 'PUT'; by: string; value: string } | { type: 'GET'; by: string };
export type Answer = { type: 'PUT_OK' } | { type: 'GET_OK'; value: string };

/** Whether somebody is told a value that was written. */
export function isReadFrom(view: SystemView, network: string): boolean {
  return view
    .channel(network)
    .some(({ event }) => event.type === 'GET_OK' && (event as Answer & { type: 'GET_OK' }).value !== NOTHING);
}

interface Client {
  value: string;
  /** The servers that it writes to and reads from. */
  writesTo: string;
  readsFrom: string;
}

export const registerClient = setup({
  types: { context: {} as Client, input: {} as Client, events: {} as Answer },
  actions: {
    put: sendTo(
      ({ system, context }) => system.get(context.writesTo),
      ({ self, context }) => ({ type: 'PUT', by: self.id, value: context.value }),
    ),
    get: sendTo(
      ({ system, context }) => system.get(context.readsFrom),
      ({ self }) => ({ type: 'GET', by: self.id }),
    ),
  },
}).createMachine({
  id: 'registerClient',
  context: ({ input }) => input,
  initial: 'writing',
  states: {
    writing: { entry: 'put', on: { PUT_OK: 'reading' } },
    reading: { entry: 'get', on: { GET_OK: 'done' } },
    done: {},
  },
});
