/**
 * Leaving out steps and states does not change a verdict: the reduced searches against the naive twin, on random systems.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many of each kind, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { asksForProgress } from '../../src/explore/liveness/liveness.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import fc from '../fast-check.ts';
import { checkNaively } from '../naive-checker.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';
import { buildLooseSystem, looseSpecs } from './loose-systems.ts';
import { COMBINATIONS, expectPath, naiveOutcome, outcomeOf, searchReduced } from './reduced.ts';

const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 200);
const maxStates = 300;
/** What may be found first, in another order, in a system some step of which fails. */
const FAILING = ['violated', 'unhandled-message', 'endless-loop'];

/** Counts of what the random systems were good for. */
class Tally {
  readonly counts = new Map<string, number>();
  add(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
  of(kind: string): number {
    return this.counts.get(kind) ?? 0;
  }
}

/** @param others what else may be found first, in another order, in a system in which a step fails */
function expectSame(system: System, tally: Tally, others: readonly string[] = []): void {
  const twin = checkNaively(system, { maxStates });
  if (twin.verdict === 'unknown') {
    tally.add('unknown');
    return;
  }
  const expected = naiveOutcome(twin);
  tally.add(expected);
  for (const by of COMBINATIONS) {
    const search = searchReduced(system, by);
    expect([expected, ...others], JSON.stringify(by)).toContain(outcomeOf(search));
    // To shorten a path to an endless loop takes as long as all the rest.
    if (expected !== 'endless-loop') expectPath(search);
    if (search.done && search.reduced > 0) tally.add('reduced');
    if (search.done && search.skipped > 0) tally.add('skipped');
    if (search.passes > 1) tally.add('several passes');
    if (search.done && expected === 'holds') expect(search.states).toBeLessThanOrEqual(twin.states);
  }
}

describe('reduced searches agree with the naive twin', () => {
  it(`on ${runs} loosely coupled systems, FAULTLINE_SEED=${SEED}`, { timeout: 60_000 + runs * 400 }, () => {
    const tally = new Tally();
    const agrees = fc.property(looseSpecs, (spec) => {
      // One property at a time: a search that stops at the first finding says nothing about the others.
      const alone = buildLooseSystem({ ...spec, properties: [] }, 'deadlock');
      const fails = checkNaively({ ...alone, deadlock: 'ignore' }, { maxStates }).errorCode;
      const others = fails ? FAILING : [];
      expectSame(alone, tally, others);
      spec.properties.forEach((_, only) => {
        expectSame(buildLooseSystem(spec, only), tally, others);
      });
    });
    fc.assert(agrees, { numRuns: runs, seed: SEED, endOnFailure: true });
    if (process.env.FAULTLINE_SHOW) console.log(tally.counts);
    if (runs < 200) return;
    for (const kind of ['holds', 'violated', 'unwitnessed', 'reduced', 'skipped', 'several passes']) {
      expect(tally.of(kind), kind).toBeGreaterThan(runs / 20);
    }
  });

  it(`on ${runs} closely coupled systems, FAULTLINE_SEED=${SEED}`, { timeout: 60_000 + runs * 400 }, () => {
    const tally = new Tally();
    const agrees = fc.property(systemSpecs, (spec) => {
      const all = buildSystem(spec);
      const bare: System = { ...all, properties: [], deadlock: 'ignore' };
      const fails = checkNaively(bare, { maxStates }).errorCode;
      const others = fails ? FAILING : [];
      expectSame({ ...all, properties: [], deadlock: 'violation' }, tally, others);
      // Properties of progress are for the full search.
      for (const property of all.properties.filter((one) => !asksForProgress(one))) {
        expectSame({ ...all, properties: [property], deadlock: 'ignore' }, tally, others);
      }
    });
    fc.assert(agrees, { numRuns: runs, seed: SEED, endOnFailure: true });
    if (process.env.FAULTLINE_SHOW) console.log(tally.counts);
  });
});

describe('what is left out', () => {
  it('nothing that a refused step waits for', () => {
    const enter = sendTo(({ system }) => system.get('gate') as never, { type: 'ENTER' } as never);
    const visitor = setup({ actions: { enter } }).createMachine({
      initial: 'outside',
      states: {
        outside: { on: { LEAVE: 'gone', GO_IN: { target: 'inside', actions: 'enter' } } },
        gone: {},
        inside: {},
      },
    });
    const gate = setup({}).createMachine({
      initial: 'closed',
      states: { closed: { on: { OPEN: 'open' } }, open: { on: { ENTER: {} } } },
    });
    const system = defineSystem({
      actors: {
        visitor: actor(visitor, { choices: [{ type: 'LEAVE' }, { type: 'GO_IN' }] }),
        gate: actor(gate, { choices: [{ type: 'OPEN' }] }),
      },
      blocking: ['ENTER'],
      deadlock: 'ignore',
      properties: ({ reachable }) => [reachable('inside', (view) => view.get('visitor').matches('inside'))],
    });
    for (const by of COMBINATIONS) expect(outcomeOf(searchReduced(system, by))).toBe('holds');
  });

  // A sender sends M1 and then M2; what the receiver comes to depends on what happens in between.
  const first = sendTo(({ system }) => system.get('receiver') as never, { type: 'M1' } as never);
  const second = sendTo(({ system }) => system.get('receiver') as never, { type: 'M2' } as never);
  const sender = setup({ actions: { first, second } }).createMachine({
    initial: 'none',
    states: {
      none: { on: { SEND: { target: 'one', actions: 'first' } } },
      one: { on: { SEND: { target: 'two', actions: 'second' }, STOP: 'stopped' } },
      two: {},
      stopped: {},
    },
  });
  const receiver = setup({}).createMachine({
    initial: 'waiting',
    on: { M1: {}, M2: {} },
    states: {
      waiting: { on: { M1: 'first', M2: 'second', LEAVE: 'gone' } },
      first: { on: { M2: 'both' } },
      second: {},
      both: {},
      gone: {},
    },
  });
  const system = (
    order: 'fifo' | 'unordered',
    capacity: number,
    whenFull: 'block' | 'drop',
    leaves: boolean,
    sends: string[],
  ) =>
    defineSystem({
      actors: {
        receiver: actor(receiver, { choices: leaves ? [{ type: 'LEAVE' }] : [], rest: ['both', 'gone', 'second'] }),
        sender: actor(sender, { choices: sends.map((type) => ({ type })) as never, rest: ['two', 'stopped'] }),
      },
      channels: { link: { from: ['sender'], to: ['receiver'], order, capacity, whenFull } },
      deadlock: whenFull === 'drop' ? 'violation' : 'ignore',
      properties: ({ reachable }) => {
        if (whenFull === 'drop') return [];
        if (leaves) return [reachable('received', (view) => view.get('receiver').matches('first'))];
        if (order === 'unordered') return [reachable('overtaken', (view) => view.get('receiver').matches('second'))];
        return [reachable('sent', (view) => view.get('sender').matches('two'))];
      },
    });
  it.each([
    ['what may come into an empty channel', system('fifo', 1, 'block', true, ['SEND']), 'holds'],
    ['what may overtake in a channel without order', system('unordered', 2, 'block', false, ['SEND', 'STOP']), 'holds'],
    ['what is lost when a delivery comes too late', system('fifo', 1, 'drop', false, ['SEND']), 'violated'],
    ['what waits for room', system('fifo', 1, 'block', false, ['SEND', 'STOP']), 'holds'],
  ])('not %s', (_, each, outcome) => {
    expect(naiveOutcome(checkNaively(each))).toBe(outcome);
    for (const by of COMBINATIONS) expect(outcomeOf(searchReduced(each, by)), JSON.stringify(by)).toBe(outcome);
  });

  it('sends and deliveries of a channel that is neither empty nor full', () => {
    const system = boundedFifo.build(boundedFifo.parameters.parse({}), 'fixed');
    const [ordered, chained] = [
      searchReduced(system, { partialOrder: true, chains: false }),
      searchReduced(system, { partialOrder: true, chains: true }),
    ];
    expect([outcomeOf(ordered), ordered.states]).toEqual(['holds', 39]);
    expect([outcomeOf(chained), chained.states, chained.skipped]).toEqual(['holds', 2, 62]);
  });
});
