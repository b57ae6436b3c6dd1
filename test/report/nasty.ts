/** A system all of whose names and values try to be markup, and one that is wrong. */
import { assign, sendTo, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import type { Report, ReportResult } from '../../src/report/report.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { traceOf } from '../../src/trace/trace.ts';

export const EVIL = '</script><img src=x onerror="window.hacked=1">&amp;\'`';

export function nastySystem(): System {
  const sender = setup({
    types: { context: {} as { note: string }, events: {} as { type: 'GO'; note: string } },
    actions: {
      [EVIL]: sendTo(
        ({ system }) => system.get('b'),
        ({ context }) => ({ type: '<i>HELLO</i>', text: context.note }),
      ),
      note: assign({ note: ({ event }) => event.note }),
    },
  }).createMachine({
    id: '<b>sender</b>',
    context: { note: '' },
    initial: '<u>one</u>',
    states: {
      '<u>one</u>': { on: { GO: { target: 'in"ner', actions: ['note', EVIL] } } },
      'in"ner': { initial: 'a.b', states: { 'a.b': { always: { target: 'c' } }, c: {} } },
    },
  });
  const receiver = setup({}).createMachine({ on: { '<i>HELLO</i>': { actions: [] } } });
  return defineSystem({
    actors: {
      a: actor(sender, { choices: [{ type: 'GO', note: EVIL }], rest: [] }),
      b: actor(receiver),
    },
    channels: { '<wire>': { to: ['b'], order: 'fifo', capacity: 1 } },
    properties: ({ always }) => [always(`never ${EVIL}`, (view) => view.channel('<wire>').length === 0)],
  });
}

export async function resultOf(system: System, more: Partial<ReportResult> = {}): Promise<ReportResult> {
  const found = await check(system);
  return {
    ...{
      variant: null,
      title: null,
      system,
      parameters: {},
      expected: null,
      asExpected: null,
      search: 'breadth-first',
    },
    verdict: found.verdict,
    property: found.property ?? null,
    deadEnd: found.deadEnd ?? false,
    bound: found.bound ?? null,
    growth: null,
    costly: [],
    error: found.error ?? null,
    ...{ states: found.states, steps: found.steps, depth: found.depth, seconds: found.seconds },
    properties: found.properties,
    trace: found.path ? traceOf(found.tables, found.path) : null,
    replay: 'npx faultline replay x 0',
    ...more,
  };
}

export function reportOf(name: string, ...results: ReportResult[]): Report {
  const versions = [{ name: 'Faultline', version: '1.2.3' }];
  const scenario = { name, title: null, group: null, sources: [], parameters: [], results };
  return { title: `Report on ${name}`, command: 'faultline report', versions, scenarios: [scenario] };
}
