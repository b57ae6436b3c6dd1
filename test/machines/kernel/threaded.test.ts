/** An interrupt that comes while its thread runs lets it run once more, and two that come are one. */
import { expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { interruptIn } from '../../../machines/kernel/irq/threaded.ts';

const interrupt = interruptIn('woken');

const thread = setup({
  types: { context: {} as { woken: boolean }, events: {} as { type: 'IRQ' } | { type: 'DONE' } },
  guards: { came: interrupt.came },
  actions: { note: interrupt.note(), take: interrupt.take() },
}).createMachine({
  context: { woken: false },
  initial: 'asleep',
  on: { IRQ: { actions: 'note' } },
  states: {
    asleep: { on: { IRQ: 'awake' } },
    awake: { on: { DONE: 'returning' } },
    returning: { always: [{ guard: 'came', target: 'awake', actions: 'take' }, { target: 'asleep' }] },
  },
});

test.each([
  { events: ['IRQ', 'DONE'], ends: 'asleep' },
  { events: ['IRQ', 'IRQ', 'DONE'], ends: 'awake' },
  { events: ['IRQ', 'IRQ', 'IRQ', 'DONE', 'DONE'], ends: 'asleep' },
  { events: ['IRQ', 'DONE', 'IRQ'], ends: 'awake' },
] as const)('$events: $ends', ({ events, ends }) => {
  const actor = createActor(thread).start();
  for (const type of events) actor.send({ type });
  expect(actor.getSnapshot().value).toBe(ends);
});
