import { describe, expect, it } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

/** Counts for ever, beside a switch that does not. */
const counter = setup({
  types: { context: {} as { name: string; served: number; open: boolean } },
  actions: {
    count: assign({ served: ({ context }) => context.served + 1 }),
    toggle: assign({ open: ({ context }) => !context.open }),
  },
}).createMachine({
  context: { name: 'counter', served: 0, open: false },
  on: { COUNT: { actions: 'count' }, TOGGLE: { actions: 'toggle' } },
});
const light = createMachine({ initial: 'on', states: { on: { on: { FLIP: 'off' } }, off: { on: { FLIP: 'on' } } } });

describe('the diagnosis of growth', () => {
  it('names the field that keeps growing, with examples of its values', async () => {
    const system = defineSystem({
      actors: {
        counter: actor(counter, { choices: [{ type: 'COUNT' }, { type: 'TOGGLE' }] }),
        light: actor(light, { choices: [{ type: 'FLIP' }] }),
      },
    });
    const result = await check(system, { maxStates: 400 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'states' });
    expect(result.growth).toHaveLength(1);
    const [growth] = result.growth!;
    expect(growth).toMatchObject({ name: 'counter', kind: 'actor', field: 'served' });
    expect(growth!.values).toBeGreaterThan(growth!.valuesBefore);
    expect(growth!.examples[0]).toBe('0');
    expect(growth!.examples[1]).toBe('…');
    expect(Number(growth!.examples.at(-1))).toBeGreaterThan(50);
    expect(growth!.fields.map(({ field, by }) => ({ field, by }))).toEqual([{ field: 'served', by: ['COUNT'] }]);
    expect(growth!.advice).toContain('context.served (changed by COUNT) of actor counter');
  });

  it('names every field that keeps growing, with a chain of steps from its first value to its newest', async () => {
    const meter = setup({
      types: { context: {} as { ups: number; log: string[]; level: number } },
      actions: {
        up: assign(({ context }) => ({ ups: context.ups + 1, level: (context.level + 1) % 3 })),
        write: assign({ log: ({ context }) => [...context.log, 'x'] }),
      },
    }).createMachine({
      context: { ups: 0, log: [], level: 0 },
      on: { UP: { actions: 'up' }, WRITE: { actions: 'write' } },
    });
    const system = defineSystem({ actors: { meter: actor(meter, { choices: [{ type: 'UP' }, { type: 'WRITE' }] }) } });
    const [growth] = (await check(system, { maxStates: 400 })).growth!;
    const byName = new Map(growth!.fields.map((field) => [field.field, field]));
    expect([...byName.keys()].sort()).toEqual(['log', 'ups']);
    expect(byName.get('log')!.by).toEqual(['WRITE']);
    const { chain, values, valuesBefore } = byName.get('ups')!;
    expect(values).toBeGreaterThan(valuesBefore);
    expect(chain.slice(0, 4)).toEqual([
      { by: undefined, value: '0' },
      { by: 'UP', value: '1' },
      { by: 'UP', value: '2' },
      { by: undefined, value: '…' },
    ]);
    expect(chain.slice(-2)).toEqual([values - 2, values - 1].map((value) => ({ by: 'UP', value: String(value) })));
  });

  it('names the capacity of a channel that can still fill', async () => {
    const source = createMachine({
      on: { PUT: { actions: sendTo(({ system }) => system.get('sink'), { type: 'ITEM' }) } },
    });
    const system = defineSystem({
      actors: {
        source: actor(source, { choices: [{ type: 'PUT' }] }),
        sink: actor(createMachine({ on: { ITEM: { actions: [] } } })),
      },
      channels: { link: { to: ['sink'], order: 'fifo', capacity: 1000 } },
    });
    const [growth] = (await check(system, { maxStates: 100 })).growth!;
    expect(growth!.advice).toBe('lower the capacity of channel link: it is 1000');
    expect(growth!.fields[0]).toMatchObject({ field: 'length', by: ['ITEM'] });
    expect(growth!.fields[0]!.chain.slice(0, 2)).toEqual([
      { by: undefined, value: '0 messages' },
      { by: 'ITEM', value: '1 message' },
    ]);
  });

  it('names the channel that keeps growing, with its length', async () => {
    const source = createMachine({
      on: { PUT: { actions: sendTo(({ system }) => system.get('sink'), { type: 'ITEM' }) } },
    });
    const system = defineSystem({
      actors: {
        source: actor(source, { choices: [{ type: 'PUT' }] }),
        sink: actor(createMachine({ on: { ITEM: { actions: [] } } })),
      },
      channels: { link: { to: ['sink'], order: 'fifo', capacity: Infinity } },
    });
    const result = await check(system, { maxStates: 100 });
    expect(result.growth).toHaveLength(1);
    expect(result.growth![0]).toMatchObject({ name: 'link', kind: 'channel', field: 'length' });
    expect(result.growth![0]!.examples.at(-1)).toMatch(/^\d+ messages$/);
    expect(result.growth![0]!.advice).toBe('give channel link a capacity: it is Infinity');
  });

  it('puts what grows faster first, monitors among the rest', async () => {
    const slow = setup({
      types: { context: {} as { n: number } },
      actions: { count: assign({ n: ({ context }) => Math.min(40, context.n + 1) }) },
    }).createMachine({ context: { n: 0 }, on: { COUNT: { actions: 'count' } } });
    const system = defineSystem({
      actors: {
        counter: actor(counter, { choices: [{ type: 'COUNT' }] }),
        slow: actor(slow, { choices: [{ type: 'COUNT' }] }),
      },
      properties: ({ monitor }) => [monitor('counts', slow)],
    });
    const names = (await check(system, { maxStates: 3000 })).growth!.map(({ name, kind }) => `${kind} ${name}`);
    expect(names[0]).toBe('actor counter');
  });

  it('puts what grows slower last, where all grow', async () => {
    // It counts as far as the other one does, but has a head start of twenty values.
    const ahead = setup({
      types: {
        context: {} as { n: number; aside: number },
        events: {} as { type: 'COUNT' } | { type: 'GO'; to: number },
      },
      actions: {
        count: assign({ n: ({ context }) => context.n + 1 }),
        leave: assign({ aside: ({ event }) => (event.type === 'GO' ? event.to : 0) }),
      },
      guards: { isNew: ({ context }) => context.n === 0 && context.aside === 0 },
    }).createMachine({
      context: { n: 0, aside: 0 },
      initial: 'here',
      states: {
        here: { on: { COUNT: { actions: 'count' }, GO: { guard: 'isNew', target: 'there', actions: 'leave' } } },
        there: {},
      },
    });
    const goes = Array.from({ length: 20 }, (_, to) => ({ type: 'GO' as const, to: to + 1 }));
    const system = defineSystem({
      actors: {
        ahead: actor(ahead, { choices: [{ type: 'COUNT' }, ...goes] }),
        counter: actor(counter, { choices: [{ type: 'COUNT' }] }),
      },
      deadlock: 'ignore',
    });
    expect((await check(system, { maxStates: 3000 })).growth!.map(({ name }) => name)).toEqual(['counter', 'ahead']);
  });

  it('is silent about a space that is only large', async () => {
    const names = ['l0', 'l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8', 'l9'];
    const actors = Object.fromEntries(names.map((name) => [name, actor(light, { choices: [{ type: 'FLIP' }] })]));
    const result = await check(defineSystem({ actors }), { maxStates: 900 });
    expect(result).toMatchObject({ verdict: 'unknown', growth: [] });
  });
});
