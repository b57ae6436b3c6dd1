/** A channel in parts holds the same messages as a whole one, and gives the same steps in the same order. */
import { describe, expect, it } from 'vitest';
import { createMachine, type EventObject, sendTo } from 'xstate';
import { paxos } from '../../machines/textbook/paxos.ts';
import { check } from '../../src/explore/check.ts';
import { ModelError } from '../../src/system/errors.ts';
import { actor, type Channel, defineSystem, type System } from '../../src/system/system.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
import { type ChannelTable, Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { stateOf, stepLabel } from '../../src/trace/trace.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';

const LETTER = { type: 'LETTER' };
const PARCEL = { type: 'PARCEL' };
const office = createMachine({
  on: {
    POST: {
      actions: [
        ...['ann', 'bob'].flatMap((name) =>
          [LETTER, PARCEL].map((event) => sendTo(({ system }) => system.get(name), event)),
        ),
      ],
    },
  },
});
const reader = createMachine({ on: { PARCEL: {}, LETTER: {} } });

function post(channel: Partial<Channel> = {}, machine = reader): System {
  const bag = { to: ['ann', 'bob'], order: 'unordered', capacity: Number.POSITIVE_INFINITY } as const;
  return defineSystem({
    actors: {
      office: actor(office, { choices: [{ type: 'POST' }] }),
      bob: actor(machine),
      ann: actor(machine),
    },
    channels: { mail: { ...bag, ...channel } as never },
  });
}

const textOf = ({ part }: ChannelTable) => (part ? `${part.to} ${part.type ?? 'others'}` : 'whole');
const partsOf = (system: System) => new Tables(system).channels.map(textOf);

describe('a channel is divided', () => {
  it('by receiver and type, where nothing in it waits for anything else', () => {
    expect(partsOf(post())).toEqual([
      ...['bob LETTER', 'bob PARCEL', 'bob others'],
      ...['ann LETTER', 'ann PARCEL', 'ann others'],
    ]);
    expect(partsOf(post({ types: ['PARCEL', 'LETTER'] }))).toEqual([
      'bob LETTER',
      'bob PARCEL',
      'ann LETTER',
      'ann PARCEL',
    ]);
    expect(partsOf(post({ types: ['PARCEL'], to: ['ann'], order: 'set' }))).toEqual(['whole']);
    expect(partsOf(post({ to: ['ann', 'ann'], order: 'set' }))).toEqual(['ann LETTER', 'ann PARCEL', 'ann others']);
  });

  it('by receiver alone, where the types are too many', () => {
    const types = Array.from({ length: 40 }, (_, at) => [`TYPE${at}`, {}]);
    const knowing = createMachine({ on: { LETTER: {}, PARCEL: {}, ...Object.fromEntries(types) } });
    expect(partsOf(post({}, knowing))).toEqual(['bob others', 'ann others']);
  });

  it.each([{ order: 'fifo' }, { capacity: 9 }, { competing: true }] as const)('not with %o', (channel) => {
    expect(partsOf(post(channel))).toEqual(['whole']);
  });

  it('not where states are shown as they are declared', () => {
    expect(new Tables(post(), { wholeChannels: true }).channels.map(textOf)).toEqual(['whole']);
  });
});

/** Messages in parts that are not for them. */
function strayIn(tables: Tables): EventObject[] {
  return tables.channels.flatMap(({ part, contents }) =>
    contents
      .flat()
      .map((message) => tables.messages[message]!)
      .filter(({ to, event }) => part && (part.to !== tables.nameOf(to) || (part.type ?? event.type) !== event.type))
      .map(({ event }) => event),
  );
}

/** The first states in breadth-first order, with the labels of their steps and where these lead to. */
function spaceOf(system: System, wholeChannels: boolean, statesMax: number) {
  const tables = new Tables(system, { wholeChannels });
  const walker = new Walker(tables);
  const states: Int32Array[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (state: Int32Array) => {
    const key = JSON.stringify(stateOf(tables, state));
    const number = numbers.get(key) ?? states.push(state) - 1;
    numbers.set(key, number);
    return number;
  };
  walker.start();
  numberOf(walker.current.slice());
  const steps: string[][] = [];
  try {
    for (let at = 0; at < states.length && at < statesMax; at++) {
      steps.push(enabledSteps(walker, states[at]!).map((step) => `${stepLabel(tables, step)} ${numberOf(step.state)}`));
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    steps.push([error.message]);
  }
  return { tables, steps, states: [...numbers.keys()] };
}

describe('in parts and as a whole', () => {
  it(`random systems have the same steps in the same order, FAULTLINE_SEED=${SEED}`, () => {
    let divided = 0;
    const agrees = fc.property(systemSpecs, (spec) => {
      const system = buildSystem({ ...spec, starts: [] });
      try {
        new Walker(new Tables(system)).start();
      } catch {
        return;
      }
      const [parts, whole] = [false, true].map((each) => spaceOf(system, each, 100));
      expect(parts!.steps).toEqual(whole!.steps);
      expect(parts!.states).toEqual(whole!.states);
      expect(strayIn(parts!.tables)).toEqual([]);
      if (parts!.tables.slotCount > whole!.tables.slotCount && parts!.states.length > 10) divided++;
    });
    fc.assert(agrees, { numRuns: 200, seed: SEED });
    expect(divided).toBeGreaterThan(10);
  });

  it('what nobody knows has its place, too', () => {
    const ignoring = createMachine({ on: { PARCEL: {}, '*': {} } });
    const [parts, whole] = [false, true].map((each) => spaceOf(post({}, ignoring), each, 50));
    expect(parts!.steps).toEqual(whole!.steps);
    expect(strayIn(parts!.tables)).toEqual([]);
    expect(partsOf(post({}, ignoring))).toEqual(['bob PARCEL', 'bob others', 'ann PARCEL', 'ann others']);
  });

  it('there are as many contents as the parts have, not as their combinations', async () => {
    const system = paxos.build({ clients: 2 }, 'fixed') as System;
    const { tables, states } = await check(system);
    const contents = tables.channels.reduce((sum, channel) => sum + channel.contents.length, 0);
    expect([states, contents < 200]).toEqual([16_668, true]);
  });
});
