/** Runs that stop: how charts, ITF and explanations tell them. */
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { explain } from '../../src/explain/explain.ts';
import { explanationText } from '../../src/explain/words.ts';
import { type CheckResult, check } from '../../src/explore/check.ts';
import type { Fairness, SystemView } from '../../src/system/property.ts';
import { eventually } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { renderChart } from '../../src/trace/chart.ts';
import { renderChartSvg } from '../../src/trace/chart-svg.ts';
import { toItf } from '../../src/trace/itf.ts';
import { itfSchema } from '../../src/trace/itf-schema.ts';
import { toMermaid } from '../../src/trace/mermaid.ts';
import { traceOf } from '../../src/trace/trace.ts';

const choices = (...types: string[]) => ({ choices: types.map((type) => ({ type })) as never, rest: () => true });
const is = (name: string, value: string) => (view: SystemView) => view.get(name).matches(value as never);

const thread = setup({}).createMachine({
  initial: 'start',
  states: { start: { on: { RUN: 'waiting' } }, waiting: { on: { PLUGGED: 'done' } }, done: {} },
});
const user = setup({
  actions: { plug: sendTo(({ system }) => system.get('thread'), { type: 'PLUGGED' }) },
}).createMachine({ initial: 'out', states: { out: { on: { PLUG: { target: 'in', actions: 'plug' } } }, in: {} } });
const rescue = defineSystem({
  actors: { thread: actor(thread, choices('RUN')), user: actor(user, choices('PLUG')) },
  blocking: ['PLUGGED'],
  properties: () => [eventually('the thread ends', is('thread', 'done'))],
});

const told = await check(rescue);
const trace = traceOf(told.tables, told.path!);
const NOTHING_MORE = 'and nothing more happens: nobody has to PLUG (user)';

describe('a run that stops', () => {
  it('says in every chart who need not go on', () => {
    expect(renderChart(trace, { colours: false })).toContain(NOTHING_MORE);
    expect(toMermaid(trace)).toContain(NOTHING_MORE);
    expect(
      renderChartSvg(trace)
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' '),
    ).toContain('nothing more happens');
    const { stops: _, ...open } = trace;
    for (const chart of [renderChart(open, { colours: false }), toMermaid(open), renderChartSvg(open)]) {
      expect(chart).not.toContain('nothing more');
    }
  });

  it('stays in its last state for ever in ITF', () => {
    const itf = toItf(trace);
    expect(itfSchema.safeParse(JSON.parse(JSON.stringify(itf))).success).toBe(true);
    expect(itf.states).toHaveLength(trace.steps.length + 2);
    expect(itf.loop).toBe(trace.steps.length + 1);
    const { '#meta': _, action, ...last } = itf.states.at(-1)!;
    const { '#meta': __, action: ___, ...before } = itf.states.at(-2)!;
    expect(last).toEqual(before);
    expect(action).toEqual({ label: 'nothing more happens', untaken: ['user.PLUG'] });
  });
});

function explained({ tables, path, property, deadEnd }: CheckResult) {
  const { explanation } = explain(tables, path!, { property: property!, deadEnd: deadEnd! }, { isShortest: true })!;
  const text = explanationText(explanation, traceOf(tables, path!)).flatMap(({ head, items }) => [head, ...items]);
  return { staying: explanation.staying!, text };
}

describe('the explanation of a run without progress', () => {
  it('says why nobody who has to goes on, and which fairness would exclude it', () => {
    expect(explained(told).text).toEqual([
      'Why nobody who has to do something goes on:',
      'thread.RUN: state `waiting` has no transition for RUN, only `start`',
      'This run would not count under weak fairness of user.PLUG.',
    ]);
  });

  // A lock that is never free for one of its users when it is looked at.
  const lock = setup({}).createMachine({
    initial: 'free',
    states: { free: { on: { ACQUIRE: 'held' } }, held: { on: { RELEASE: 'free' } } },
  });
  const taker = setup({
    actions: {
      acquire: sendTo(({ system }) => system.get('lock'), { type: 'ACQUIRE' }),
      release: sendTo(({ system }) => system.get('lock'), { type: 'RELEASE' }),
    },
  }).createMachine({
    initial: 'out',
    states: {
      out: { on: { RUN: { target: 'in', actions: 'acquire' } } },
      in: { on: { RUN: { target: 'out', actions: 'release' } } },
    },
  });
  const contended = (fairness: Record<string, Fairness>): System =>
    defineSystem({
      actors: { one: actor(taker, choices('RUN')), two: actor(taker, choices('RUN')), lock: actor(lock) },
      blocking: ['ACQUIRE'],
      fairness,
      properties: () => [eventually('one has it', is('one', 'in'))],
    });

  it('names the refusal, what is taken and does not help, and the step that strong fairness would take', async () => {
    const result = await check(contended({}));
    const { staying, text } = explained(result);
    expect(staying.excludedBy).toEqual([{ step: 'one.RUN', fairness: 'strong' }]);
    expect(text[0]).toBe('Why nobody who has to do something ends the cycle:');
    expect(text[1]).toBe(
      'one.RUN is enabled at the start, but not after step 1: lock refuses ACQUIRE: state `held` has no transition for ACQUIRE, only `free`',
    );
    expect(text[2]).toBe('two.RUN is taken (step 1), and that does not help');
    expect(text[3]).toBe('This run would not count under strong fairness of one.RUN.');
    // It is true: what is said to exclude the run does.
    expect((await check(contended({ one: 'strong' }))).verdict).toBe('holds');
  });
});
