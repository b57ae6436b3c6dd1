import { expect, test } from 'vitest';
import { z } from 'zod';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { parseSettings, settingsOf } from '../../src/cli/parameters.ts';
import { describeParameters, validated } from '../../src/system/parameters.ts';
import { defineScenario } from '../../src/system/scenario.ts';

const scenario = defineScenario({
  name: 'sizes',
  title: 'every kind of parameter',
  sources: [],
  group: 'textbook',
  parameters: z
    .object({
      devices: z.number().int().min(1).max(4).default(2).describe('devices'),
      retries: z.number().int().positive().default(1).describe('retries'),
      bothOrders: z.boolean().default(false).describe('both orders'),
      order: z.enum(['fifo', 'unordered']).default('fifo').describe('order of delivery'),
    })
    .refine(({ devices, retries }) => devices >= retries, {
      message: 'expected at most one retry per device',
      path: ['retries'],
    }),
  variants: { fixed: { title: 'all', expected: { verdict: 'holds' } } },
  build: () => diningPhilosophers.build({ philosophers: 2 }, 'left-right'),
});

test('describes whole numbers, booleans and enumerations, without the bounds that nobody set', () => {
  expect(describeParameters(scenario)).toEqual([
    { name: 'devices', description: 'devices', type: 'integer', default: 2, minimum: 1, maximum: 4 },
    { name: 'retries', description: 'retries', type: 'integer', default: 1, minimum: 1 },
    { name: 'bothOrders', description: 'both orders', type: 'boolean', default: false },
    { name: 'order', description: 'order of delivery', type: 'enum', default: 'fifo', values: ['fifo', 'unordered'] },
  ]);
});

test('reads settings over the defaults', () => {
  expect(parseSettings(scenario, ['devices=3', 'bothOrders=true', 'order=unordered'])).toEqual({
    devices: 3,
    retries: 1,
    bothOrders: true,
    order: 'unordered',
  });
});

test('writes back only what is not at its default, as it would be typed', () => {
  const values = parseSettings(scenario, ['devices=3', 'retries=1', 'bothOrders=true']);
  expect(settingsOf(scenario, values)).toEqual(['devices=3', 'bothOrders=true']);
  expect(parseSettings(scenario, settingsOf(scenario, values))).toEqual(values);
});

test.each([
  ['devices=5', 'parameter devices: got "5", expected a whole number from 1 to 4'],
  ['devices=0', 'parameter devices: got "0", expected a whole number from 1 to 4'],
  ['devices=1.5', 'parameter devices: got "1.5", expected a whole number from 1 to 4'],
  ['devices=two', 'parameter devices: got "two", expected a whole number from 1 to 4'],
  ['devices=', 'parameter devices: got "", expected a whole number from 1 to 4'],
  [
    'devices=99999999999999999999',
    'parameter devices: got "100000000000000000000", expected a whole number from 1 to 4',
  ],
  ['retries=0', 'parameter retries: got "0", expected a whole number at least 1'],
  ['retries=4', 'parameter retries: got "4", expected at most one retry per device'],
  ['bothOrders=yes', 'parameter bothOrders: got "yes", expected true or false'],
  ['order=random', 'parameter order: got "random", expected one of fifo, unordered'],
  ['device=2', 'scenario "sizes" has no parameter "device"'],
  ['toString=2', 'scenario "sizes" has no parameter "toString"'],
  ['devices', '--set takes name=value, got "devices"'],
  ['=3', '--set takes name=value, got "=3"'],
])('refuses --set %s', (setting, message) => {
  expect(() => parseSettings(scenario, [setting])).toThrow(message);
});

test('refuses to set a parameter twice', () => {
  expect(() => parseSettings(scenario, ['devices=1', 'devices=2'])).toThrow('--set gives devices twice: 1 and 2');
});

test('refuses values of a trace file that the scenario would not take', () => {
  expect(() => validated(scenario, { devices: 'two' })).toThrow('parameter devices: got "two"');
  expect(() => validated(scenario, { device: 2 })).toThrow('has no parameter "device"');
  expect(validated(scenario, { devices: 4 })).toMatchObject({ devices: 4, retries: 1 });
});
