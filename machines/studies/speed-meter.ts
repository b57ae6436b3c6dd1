/**
 * An instrument: it counts what a device has done in each of so many windows of time, for studies that ask when something is as fast as it
 * is going to be. The device tells it by a channel without latency, so that neither's local state is looked at together with the other's.
 */
import { assign, setup } from 'xstate';
import { actor } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { send } from '../parts/call.ts';

export type SpeedMeterEvent =
  /** A window is over. */
  { type: 'TICK' } | { type: 'TRANSFERRED' };

const speedMeter = setup({
  types: {
    input: {} as { readonly windows: number },
    context: {} as { readonly windows: number; readonly window: number },
    events: {} as SpeedMeterEvent,
  },
  guards: { isLast: ({ context }) => context.window === context.windows - 1 },
  actions: {
    nextWindow: assign({ window: ({ context }) => context.window + 1 }),
    write: send(
      () => 'meterLog',
      ({ context }) => ({ type: 'IN_WINDOW', window: context.window }),
    ),
  },
}).createMachine({
  id: 'speedMeter',
  context: ({ input }) => ({ ...input, window: 0 }),
  initial: 'on',
  states: {
    on: {
      on: { TICK: [{ guard: 'isLast', target: 'off' }, { actions: 'nextWindow' }], TRANSFERRED: { actions: 'write' } },
    },
    off: { on: { TRANSFERRED: {} } },
  },
});

const meterLog = setup({ types: { events: {} as { type: 'IN_WINDOW'; window: number } } }).createMachine({
  id: 'meterLog',
  on: { IN_WINDOW: {} },
});

export function meters(windows: number) {
  return {
    meter: actor(speedMeter, { input: { windows }, choices: [{ type: 'TICK' }], rest: ['off'] }),
    meterLog: actor(meterLog),
  };
}

/** The channel to the meter, from these. */
export function meterChannel<Name extends string>(...from: Name[]) {
  return { from, to: ['meter'], types: ['TRANSFERRED'], order: 'fifo', capacity: 64 } as const;
}

export function meterTimes(window: number): NonNullable<Timing['actors']> {
  return { meter: { TICK: window } };
}

export function meterCounters(windows: number): NonNullable<MeasureDefinition['counters']> {
  return Object.fromEntries(
    Array.from({ length: windows }, (_, window) => [
      `window${window}`,
      { to: 'meterLog', type: 'IN_WINDOW', where: (event: Record<string, unknown>) => event.window === window },
    ]),
  );
}
