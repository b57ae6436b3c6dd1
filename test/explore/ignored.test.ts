/** Messages that come to nothing: which ones, and what is said where they may not. */
import { expect, it } from 'vitest';
import { createMachine, sendTo } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { renderChart } from '../../src/trace/chart.ts';
import { replaySchedule } from '../../src/trace/replay.ts';

const send = (type: string) => sendTo(({ system }) => system.get('job'), { type });
const user = createMachine({ id: 'user', on: { END: { actions: send('END') }, ASK: { actions: send('ASK') } } });
const job = createMachine({
  id: 'job',
  initial: 'running',
  states: { running: { on: { END: 'over' } }, over: { type: 'final' } },
});

const asked = (unhandled: 'error' | 'ignore') => {
  const choices = [{ type: 'END' as const }, { type: 'ASK' as const }];
  return defineSystem({ actors: { user: actor(user, { choices, rest: () => true }), job: actor(job) }, unhandled });
};

it('are told by actor and type, with the number of its states in which they came', async () => {
  expect(await check(asked('ignore'))).toMatchObject({
    ...{ verdict: 'holds', states: 2, steps: 4 },
    ignored: [
      { actor: 'job', type: 'ASK', states: 2 },
      { actor: 'job', type: 'END', states: 1 },
    ],
  });
  const { trace } = replaySchedule(asked('ignore'), '0/0');
  expect(renderChart(trace, { colours: false })).toContain('user -> job  END  ignored');
});

it('are a model error elsewhere, with a hint that fits the state', async () => {
  const running = await check(asked('error'));
  expect(running.verdict === 'model-error' && running.error.hint).toBe(
    "handle ASK there, ignore it with `ASK: {}`, let the actor or the system have `unhandled: 'ignore'`, " +
      'or list it as blocking if the sender must wait',
  );
  const late = replaySchedule(asked('error'), '0/0');
  expect(late.error).toMatchObject({
    message: 'actor "job" (state over) is done and cannot take {"type":"END"}',
    hint: "send it nothing after its end, or let the actor or the system have `unhandled: 'ignore'`, as it is in live XState",
  });
});
