/** What is wrong with a `timing` section, or with what is asked for, is one error that says what was got, what was expected, and what to do. */
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { replicate, simulate } from '../../src/simulate/replications.ts';
import type { RunOptions } from '../../src/simulate/run.ts';
import { type Duration, empirical, exponential, logNormal, uniform } from '../../src/system/durations.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { singleServer } from './queues.ts';

function errorOf(
  system: System,
  timing: unknown,
  options: Partial<RunOptions> & { measures?: MeasureDefinition; population?: number } = {},
): string {
  try {
    simulate(system, timing as Timing, { seed: 1, time: 10, ...options });
  } catch (error) {
    const { name, message, hint } = error as Error & { hint: string };
    return `${name}: ${message} (${hint})`;
  }
  return 'nothing';
}

const ARRIVE = exponential(1);
const timed = (more: object): unknown => ({ actors: { source: { ARRIVE }, server: { DONE: 1 } }, ...more });
const kept = (keeps: unknown): unknown => ({
  resources: { cpu: { units: 1, keeps } },
  actors: { source: { ARRIVE }, server: { DONE: { takes: 1, uses: 'cpu' } } },
});
const served = (DONE: unknown): unknown => ({ actors: { source: { ARRIVE }, server: { DONE } } });

describe('a timing section is refused', () => {
  it.each<[string, unknown, string]>([
    ['a negative duration', served(-1), 'timing: actors.server.DONE: it is -1, expected a time from 0'],
    ['one that is no number', served(Number.NaN), 'it is NaN, expected a time from 0'],
    ['an infinite one', served({ takes: Number.POSITIVE_INFINITY }), 'takes: it is Infinity, expected a time from 0'],
    [
      'a distribution that there is not',
      served({ kind: 'gauss', mean: 1 }),
      'got an object, expected a number or a distribution',
    ],
    [
      'a function that gives a negative duration',
      served({ takes: () => -2 }),
      'timing of "server": DONE: takes: it is -2, expected a time from 0',
    ],
    ['a function that draws', served({ takes: () => Math.random() }), 'gives another duration each time'],
    ['a function that throws', served({ takes: () => JSON.parse('') }), 'threw: Unexpected end of JSON input'],
    [
      'no duration for a choice',
      { actors: { source: { ARRIVE } } },
      'timing does not say how long the choice DONE of actor "server" takes in any state, expected a duration (add it: actors: { \'server\': { DONE: exponential(2) } }',
    ],
    [
      'none in some state',
      served({ in: 'idle', takes: 1 }),
      'the choice DONE of actor "server" takes in state busy, expected a duration',
    ],
    [
      'an unknown actor',
      timed({ actors: { sourc: { ARRIVE } } }),
      'timing names the actor "sourc", which does not exist (did you mean "source"?)',
    ],
    [
      'actors that there are not',
      timed({ actors: { 'worker*': { ARRIVE } } }),
      'timing names the actors "worker*", and no name begins so',
    ],
    [
      'an unknown type of message',
      timed({ actors: { source: { ARIVE: 1 } } }),
      'timing of "source" names the message type ARIVE, which no such actor has a transition for (did you mean "ARRIVE"?)',
    ],
    [
      'an unknown state',
      served({ in: 'bussy', takes: 1 }),
      'names the state "bussy", which its machine does not have (did you mean "busy"?)',
    ],
    ['an unknown key', served({ take: 1 }), 'has the unknown key "take" (did you mean "takes"?)'],
    [
      'an unknown unit of time',
      timed({ unit: 'minutes' }),
      'timing: unit is "minutes", expected "ns" or "us" or "ms" or "s"',
    ],
    [
      'an unknown resource',
      served({ takes: 1, uses: 'cpu' }),
      'uses names the resource "cpu", which does not exist (there are none)',
    ],
    [
      'a resource without units',
      timed({ resources: { cpu: { units: 0 } } }),
      'units is 0, expected a whole number of at least 1',
    ],
    [
      'a resource that does not say how many',
      timed({ resources: { cpu: {} } }),
      'units is missing, expected a whole number of at least 1',
    ],
    [
      'a resource that is kept in a way that there is not',
      kept('busy'),
      "timing: resources.cpu: keeps is \"busy\", expected true, false, or states by actor, as { 'worker*': 'active' }",
    ],
    [
      'a resource that is kept in what is no state',
      kept({ server: ['busy', 3] }),
      "timing: resources.cpu: keeps.server[1] is 3, expected a state: 'a', 'a.b' or { a: 'b' }",
    ],
    [
      'a resource that is kept in an unknown state',
      kept({ server: ['idle', 'bussy'] }),
      'timing of resource "cpu": keeps of "server" names the state "bussy", which its machine does not have (did you mean "busy"?)',
    ],
    [
      'a resource that is kept in states that some of those actors do not have',
      kept({ '*': 'busy' }),
      'timing of resource "cpu": keeps of "*" names the state "busy", which its machine does not have (it has no states)',
    ],
    [
      'a resource that is kept by an unknown actor',
      kept({ servr: 'busy' }),
      'timing of resource "cpu": keeps names the actor "servr", which does not exist (did you mean "server"?)',
    ],
    [
      'a resource that is kept by actors that there are not',
      kept({ 'worker*': 'busy' }),
      'timing of resource "cpu": keeps names the actors "worker*", and no name begins so (',
    ],
    [
      'a resource that is kept by who does not use it',
      { ...(served(1) as object), resources: { cpu: { units: 1, keeps: { server: 'busy' } } } },
      'timing of resource "cpu": keeps names the actors "server", none of which uses the resource, expected an entry of theirs with uses: \'cpu\' (a unit is kept by who has taken one: say which step takes it, or leave them out)',
    ],
    [
      'an unknown channel',
      timed({ channels: { wire: { latency: 1 } } }),
      'timing names the channel "wire", which does not exist',
    ],
  ])('for %s', (_, timing, expected) => {
    const error = errorOf(singleServer(), timing);
    expect(error).toContain(expected);
    expect(error).toContain('ModelError');
  });

  it.each<[string, () => Duration, string]>([
    ['exponential(0)', () => exponential(0), 'mean is 0, expected a time above 0'],
    ['uniform(3, 1)', () => uniform(3, 1), 'to is 1, expected at least 3'],
    ['logNormal(1, -1)', () => logNormal(1, -1), 'deviation is -1, expected a time from 0'],
    ['empirical([])', () => empirical([]), 'values is a list, expected a list of at least one time'],
    ['empirical([1], [1, 2])', () => empirical([1], [1, 2]), 'the number of weights is 2, expected 1'],
    ['empirical([1], [0])', () => empirical([1], [0]), 'the sum of the weights is 0'],
  ])('for %s', (_, make, expected) => {
    expect(make).toThrow(expected);
  });

  it('for a channel that keeps all that was ever sent', () => {
    const echo = setup({ types: { events: {} as { type: 'DATA' } } }).createMachine({ on: { DATA: {} } });
    const system = defineSystem({
      actors: { echo: actor(echo) },
      channels: { all: { to: ['echo'], order: 'set', capacity: Number.POSITIVE_INFINITY, duplicating: 'always' } },
    });
    expect(errorOf(system, {})).toContain('channel "all" keeps all messages');
  });

  it('for what the channel does not do', () => {
    const echo = setup({ types: { events: {} as { type: 'DATA' } } }).createMachine({ on: { DATA: {} } });
    const system = defineSystem({
      actors: { echo: actor(echo) },
      channels: { wire: { to: ['echo'], order: 'fifo', capacity: 1 } },
    });
    expect(errorOf(system, { channels: { wire: { loses: 0.5 } } })).toContain(
      'loses messages, which the channel does not',
    );
    expect(errorOf(system, { channels: { wire: { loses: 2 } } })).toContain('loses is 2, expected a probability');
    expect(errorOf(system, { channels: { wire: { duplicates: 0.5 } } })).toContain('duplicates messages');
    expect(errorOf(system, { channels: { wire: { bandwidth: 2 } } })).toContain('has a bandwidth and no size');
  });
});

it('options that are left out are asked for', () => {
  const [system, timing] = [singleServer(), timed({})];
  const run = simulate as (...parts: unknown[]) => unknown;
  expect(() => run(system, timing)).toThrow('the seed is undefined, expected a whole number');
  const runs = replicate as (...parts: unknown[]) => unknown;
  expect(() => runs(system, timing)).toThrow('seeds: got undefined, expected a list of whole numbers, as [1, 2, 3]');
});

describe('a run is refused', () => {
  it.each<[string, Partial<RunOptions> & { measures?: MeasureDefinition; population?: number }, string]>([
    ['no time', { time: 0 }, 'the time to simulate is 0, expected a number above 0'],
    ['a warm-up that leaves nothing', { warmUp: 10 }, 'the warm-up is 10, expected from 0 to below 10'],
    ['a seed that is no whole number', { seed: 0.5 }, 'the seed is 0.5, expected a whole number'],
    ['a way to start that there is not', { way: 1 }, 'the way to start is 1'],
    [
      'a counter of nothing',
      { measures: { counters: { all: { type: 'JOBS' } } } },
      'counter "all" names the message type JOBS',
    ],
    [
      'a gauge that is a function',
      { measures: { gauges: { length: (() => 1) as never } } },
      "measures: gauges.length is a function, expected a gauge, as { channel: 'link' } or { actors: 'q*',",
    ],
    ['a measure of another kind', { measures: { guages: {} } as never }, 'measures has the unknown key "guages"'],
    [
      'a population that is no number of things',
      { population: -1 },
      'population is -1, expected a whole number from 0',
    ],
    [
      'a gauge of nobody',
      { measures: { gauges: { length: { actors: 'que', value: () => 1 } } } },
      'did you mean "queue"?',
    ],
    [
      'a gauge that is no number',
      { measures: { gauges: { length: { actors: 'queue', value: () => Number.NaN } } } },
      'gauge "length" gives NaN, expected a number',
    ],
  ])('for %s', (_, options, expected) => {
    expect(errorOf(singleServer(), timed({}), options)).toContain(expected);
  });
});

describe('a system that stands still', () => {
  it('is an error that says who waits', () => {
    const waiter = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
      id: 'waiter',
      initial: 'first',
      states: { first: { on: { GO: 'second' } }, second: {} },
    });
    const system = (rest?: readonly ['second']) =>
      defineSystem({ actors: { waiter: actor(waiter, { choices: [{ type: 'GO' }], ...(rest && { rest }) }) } });
    const timing = { actors: { waiter: { GO: 3 } } };
    expect(errorOf(system(), timing)).toContain(
      'the system stands still at 3: nothing is going to happen, and actor "waiter" is not at rest (state second); expected something to do',
    );
    expect(simulate(system(['second']), timing, { seed: 1, time: 10 })).toMatchObject({ ended: 'at rest', time: 3 });
  });

  it('is one whose time does', () => {
    const loop = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } },
    });
    const system = defineSystem({ actors: { loop: actor(loop, { choices: [{ type: 'GO' }] }) } });
    expect(errorOf(system, { actors: { loop: { GO: 0 } } })).toContain(
      'time stands still at 0: more than 100000 steps',
    );
  });
});
