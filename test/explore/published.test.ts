/** What published models need besides: the features, from search to trace, replay and export, on a model that has them. */
import { describe, expect, it } from 'vitest';
import { createMachine, sendTo } from 'xstate';
import { alternatingBit } from '../../machines/textbook/alternating-bit.ts';
import { deli } from '../../machines/textbook/deli.ts';
import { singleCopyRegister } from '../../machines/textbook/single-copy-register.ts';
import { waitsIn } from '../../src/explain/waits.ts';
import { whyNot } from '../../src/explain/why-not.ts';
import { check } from '../../src/explore/check.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/explore/checkpoint.ts';
import { stateGraph } from '../../src/export/graph.ts';
import { toAut, toDot } from '../../src/export/graph-formats.ts';
import { scheduleFromLabels } from '../../src/export/import.ts';
import { modelOf } from '../../src/export/model.ts';
import { toMurphi } from '../../src/export/murphi.ts';
import { toPromela } from '../../src/export/promela.ts';
import { exploreSpace } from '../../src/export/space.ts';
import { toTla } from '../../src/export/tla.ts';
import { Template } from '../../src/stress/template.ts';
import { always } from '../../src/system/property.ts';
import { actor, type Channel, defineSystem, extendSystem, type System } from '../../src/system/system.ts';
import { toMermaid } from '../../src/trace/mermaid.ts';
import { ReplayError, replaySchedule, replayTrace } from '../../src/trace/replay.ts';
import { sequenceOf } from '../../src/trace/sequence.ts';
import { labelOf, scheduleOf, statesOf, traceOf } from '../../src/trace/trace.ts';
import { planOf, runInTurns, runOf } from '../stress/harness.ts';

type Variant = Parameters<typeof alternatingBit.build>[1];
const protocol = (variant: Variant = 'fixed', parameters = {}) => alternatingBit.build(parameters, variant) as System;

/** The same, with a property that some runs violate. */
function forbidding(name: string, isFine: Parameters<typeof always>[1]): System {
  return extendSystem(protocol(), { properties: () => [always(name, isFine)] });
}

function startingWith(system: System, starts: System['starts']): System {
  return Object.defineProperty({ ...system, starts }, Symbol.for('faultline.system'), { value: 1 });
}

describe('several ways to start', () => {
  /** Only the ways to start with bit 1 and value1 come to it in one step. */
  const second = forbidding('value0 never goes with bit 0 into an empty queue', (view) => {
    const [message] = view.channel('messages');
    return message?.event.type !== 'MESSAGE' || (message.event as { bit?: number }).bit !== 0;
  });

  it.each(['breadth-first', 'depth-first', 'random'] as const)('are told by a trace, %s', async (search) => {
    const { tables, path, property } = await check(second, { search });
    const trace = traceOf(tables, path!);
    // Walks come to it from the others, too, by another step before.
    if (search !== 'random') expect(trace.start).toBeGreaterThanOrEqual(4);
    const schedule = scheduleOf(trace);
    expect(schedule).toMatch(/^\d@/);
    const replay = replaySchedule(second, schedule);
    expect(replay.trace).toEqual(trace);
    expect(replay.violated).toEqual([property]);
    expect(replayTrace(second, JSON.parse(JSON.stringify(trace))).trace).toEqual(trace);
  });

  it('are told by every store and reduction', async () => {
    for (const options of [
      { store: 'hash-compact' },
      { store: 'bitstate' },
      { partialOrder: true, chains: true },
    ] as const) {
      const judged = { properties: ['value0 never goes with bit 0 into an empty queue'], ...options };
      const { tables, path, verdict } = await check(second, judged);
      expect(verdict).toBe('violated');
      expect(traceOf(tables, path!).start).toBeGreaterThanOrEqual(4);
    }
  });

  it('a schedule may not begin with one that there is not', () => {
    expect(() => replaySchedule(protocol(), '8@0')).toThrow(ReplayError);
    expect(() => replaySchedule(protocol(), '8@0')).toThrow('there are 8');
    expect(replaySchedule(protocol(), '7@').trace).toMatchObject({ start: 7, steps: [] });
  });

  it('are all in a graph, and in models for Rumur and TLC; Promela and aut say that they know one', async () => {
    const graph = await stateGraph(protocol(), { maxStates: 300 });
    expect(graph.initial).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(toDot(graph, 'ab').match(/start -> \d+;/g)).toHaveLength(8);
    expect(() => toAut(graph)).toThrow('one initial state, and this one has 8');
    const model = modelOf(await exploreSpace(protocol()));
    expect(toMurphi(model, []).match(/^startstate "start \d"$/gm)).toHaveLength(8);
    expect(toTla(model, [], 'AB')).toContain('240 distinct states, 1,064 generated');
    expect(() => toPromela(model, [])).toThrow('one initial state, and this system has 8');
  });

  it('that differ in interchangeable names are one, and only then', async () => {
    const symmetric = extendSystem(protocol('oldest-only'), { symmetry: [['value0', 'value1']] });
    const safety = { properties: ['what is taken for the new value is the new value'] };
    const { verdict, states, reductions } = await check(symmetric, safety);
    expect({ verdict, states }).toEqual({ verdict: 'holds', states: 108 });
    expect(reductions).toMatchObject([{ used: true, renamings: 2 }]);
    const lopsided = startingWith(symmetric, symmetric.starts.slice(1));
    await expect(check(lopsided, safety)).rejects.toThrow('would be another one, which there is not');
  });

  it('a search that is resumed goes on with all of them, and a checkpoint of others is refused', async () => {
    let saved: Uint8Array[] | undefined;
    const save = (one: Checkpoint) => {
      saved ??= encodeCheckpoint(one).map((part) => part.slice());
    };
    const checkpoint = { every: 0.000_001, title: 'ab', save };
    const whole = await check(protocol('fixed', { capacity: 4, values: 4 }), { checkpoint, maxStates: 1e6 });
    const resume = decodeCheckpoint(Buffer.concat(saved!), 'saved');
    const resumed = await check(protocol('fixed', { capacity: 4, values: 4 }), { resume });
    expect(resumed).toMatchObject({
      verdict: whole.verdict,
      states: whole.states,
      steps: whole.steps,
      depth: whole.depth,
    });
    await expect(check(protocol('fixed', { capacity: 4, values: 3 }), { resume })).rejects.toThrow('starts');
  });

  it('are refused by stress runs', () => {
    expect(() => new Template(protocol())).toThrow('8 other ways to start');
  });
});

describe('losses behind the head of a queue', () => {
  const labels = [
    'sender.WRITE(value=value0)',
    'receiver.RUN',
    'messages: MESSAGE(bit=1, value=value0) -> receiver',
    'receiver.RUN',
    'acknowledgements: ACKNOWLEDGEMENT(bit=1) for sender is lost behind 1',
  ];

  it('are steps of a trace that live actors take as well', () => {
    const { trace } = replaySchedule(protocol(), scheduleFromLabels(protocol(), labels));
    expect(trace.steps.map(labelOf)).toEqual(labels);
    expect(trace.steps.at(-1)).toMatchObject({ kind: 'lose', place: 1 });
    const left = [{ to: 'sender', event: { type: 'ACKNOWLEDGEMENT', bit: 0 } }];
    expect(trace.final.channels.acknowledgements).toEqual(left);
    expect(statesOf(trace).at(-1)).toEqual(trace.final);
    expect(replayTrace(protocol(), JSON.parse(JSON.stringify(trace))).trace).toEqual(trace);
  });

  it('are none where only the oldest message is lost', () => {
    expect(() => scheduleFromLabels(protocol('oldest-only'), labels)).toThrow('step 5 of the trace');
  });

  it('are refused by stress runs', () => {
    const [start] = protocol().starts;
    expect(() => new Template(startingWith(protocol(), [start!]))).toThrow('loses messages anywhere');
  });
});

describe('receivers that compete', () => {
  const shop = (variant: Parameters<typeof deli.build>[1] = 'fixed') => deli.build({}, variant) as System;
  const line = 'every customer is in the line, with a worker or served';

  it('are told by name in labels, schedules and traces, and live actors do the same', () => {
    const labels = [
      'door.ARRIVE',
      'door.ARRIVE',
      'line: CUSTOMER(number=1) -> worker1',
      'line: CUSTOMER(number=2) -> worker0',
    ];
    const { trace } = replaySchedule(shop(), scheduleFromLabels(shop(), labels));
    expect(trace.steps.map(labelOf)).toEqual(labels);
    expect(trace.steps[0]!.messages.at(-1)).toMatchObject({ fate: 'queued', to: 'line', channel: 'line' });
    expect(trace.steps[2]).toMatchObject({ kind: 'deliver', actor: 'worker1', channel: 'line' });
    expect(statesOf(trace)[2]!.channels.line).toMatchObject([{ to: 'line' }, { to: 'line' }]);
    expect(statesOf(trace).at(-1)).toEqual(trace.final);
    expect(replayTrace(shop(), JSON.parse(JSON.stringify(trace))).trace).toEqual(trace);
  });

  it('may change places: the same states up to who is who', async () => {
    const { verdict, states, steps, reductions } = await check(shop(), { properties: [line] });
    expect({ verdict, states, steps }).toEqual({ verdict: 'holds', states: 46, steps: 118 });
    expect(reductions).toMatchObject([{ name: 'symmetry', used: true, renamings: 2 }]);
  });

  it.each([{ partialOrder: true }, { chains: true }, { store: 'hash-compact' }, { search: 'depth-first' }] as const)(
    'are searched alike with %o',
    async (options) => {
      expect(await check(shop(), { properties: [line], ...options })).toMatchObject({ verdict: 'holds' });
      const { tables, path } = await check(shop('called-twice'), { properties: [line], ...options });
      expect(replaySchedule(shop('called-twice'), scheduleOf(traceOf(tables, path!))).violated).toEqual([line]);
    },
  );

  /** A porter who sends `n` parcels to whoever of two takes them; `takes` says who does. */
  function parcels(takes: readonly boolean[], channel: Pick<Channel, 'lossy'> = {}): System {
    const hand = (does: boolean) =>
      actor(
        createMachine({
          initial: 'here',
          states: { here: { on: does ? { PARCEL: {} } : {} }, gone: { on: { PARCEL: {} } } },
        }),
      );
    const send = sendTo(({ system }) => system.get('belt'), { type: 'PARCEL' });
    const porter = createMachine({ on: { PUT: { actions: [send] } } });
    const actors = {
      porter: actor(porter, { choices: [{ type: 'PUT' }] }),
      ann: hand(takes[0]!),
      bob: hand(takes[1]!),
    };
    return defineSystem({
      actors,
      channels: { belt: { to: ['ann', 'bob'], competing: true, order: 'fifo', capacity: 1, ...channel } },
      blocking: ['PARCEL'],
    });
  }

  it('what nobody in particular loses has no receiver', () => {
    const labels = ['porter.PUT', 'belt: PARCEL is lost'];
    const system = parcels([true, true], { lossy: true });
    const { trace } = replaySchedule(system, scheduleFromLabels(system, labels));
    expect(trace.steps.map(labelOf)).toEqual(labels);
    expect(sequenceOf(trace).lifelines).toEqual([
      { kind: 'actor', name: 'porter' },
      { kind: 'channel', name: 'belt' },
    ]);
    expect(toMermaid(trace)).toContain('p1--xp1: PARCEL, lost');
  });

  it('it is said of each why he does not take it, and of the channel why nobody does', async () => {
    const system = parcels([false, false]);
    const { tables, path, property } = await check(system);
    expect(property).toBe('no deadlock');
    const { state } = path!.steps.at(-1)!;
    const [wait] = waitsIn(tables, state).filter(({ name }) => name === 'belt');
    expect(wait).toMatchObject({ state: 'PARCEL', for: [{ event: 'PARCEL', hindrance: { kind: 'refused' } }] });
    expect(wait!.for[0]!.hindrance!.text).toMatch(/^ann refuses PARCEL.*; bob refuses PARCEL/);
    const { answers } = whyNot(tables, path!, 'belt PARCEL');
    expect(answers.map(({ step }) => step)).toEqual(['belt: PARCEL -> ann', 'belt: PARCEL -> bob']);
    expect(whyNot(tables, path!, 'bob PARCEL').answers).toMatchObject([{ hindrance: { kind: 'refused' } }]);
  });

  it('are refused by stress runs', () => {
    expect(() => new Template(shop())).toThrow('receivers compete for channel "line"');
  });
});

describe('monitors that see sends', () => {
  const linearizable = 'the history is linearizable';
  const registers = (variant: Parameters<typeof singleCopyRegister.build>[1] = 'fixed') =>
    singleCopyRegister.build({}, variant) as System;

  it.each([
    {},
    { partialOrder: true },
    { chains: true },
    { store: 'hash-compact' },
    { search: 'depth-first' },
  ] as const)('are searched alike with %o, and live actors show them the same', async (options) => {
    expect(await check(registers(), { properties: [linearizable], ...options })).toMatchObject({ verdict: 'holds' });
    const { tables, path } = await check(registers('two-copies'), { properties: [linearizable], ...options });
    const trace = traceOf(tables, path!);
    const replay = replaySchedule(registers('two-copies'), scheduleOf(trace));
    expect(replay.violated).toEqual([linearizable]);
    expect(replay.trace.final.monitors[linearizable]).toEqual(trace.final.monitors[linearizable]);
  });

  it('see interchangeable things alike', async () => {
    const symmetry = [
      ['client0', 'A'],
      ['client1', 'B'],
    ];
    const symmetric = extendSystem(registers(), { symmetry: [symmetry] });
    const { verdict, states, steps, reductions } = await check(symmetric);
    expect({ verdict, states, steps }).toEqual({ verdict: 'holds', states: 47, steps: 61 });
    expect(reductions).toMatchObject([{ used: true, renamings: 2 }]);
  });

  it('see them in stress runs, too', async () => {
    const ping = sendTo(({ system }) => system.get('sink'), { type: 'PING' });
    const pinger = createMachine({ on: { GO: { actions: [ping] } } });
    const twice = createMachine({
      initial: 'none',
      states: {
        none: { on: { 'sent.PING': 'sent', PING: 'wrong' } },
        sent: { on: { PING: 'taken' } },
        taken: { on: { 'sent.PING': 'again' } },
        again: { tags: 'violation' },
        wrong: {},
      },
    });
    const system = defineSystem({
      actors: {
        pinger: actor(pinger, { choices: [{ type: 'GO' }] }),
        sink: actor(createMachine({ on: { PING: {} } })),
      },
      properties: ({ monitor }) => [monitor('one ping', twice)],
    });
    const finding = await runInTurns(runOf(planOf(system), { steps: 20 }));
    expect(finding).toMatchObject({ kind: 'violation', property: 'one ping' });
  });
});
