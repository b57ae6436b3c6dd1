/**
 * Whether devices get anywhere: properties over the messages STALL, ACCESS and TERMINATE of `../hardware/smmu/dma-stream.ts`.
 */
import { setup } from 'xstate';
import { leadsTo, monitor, type Observed, type Property } from '../../src/system/property.ts';

/**
 * From a stall on, some DMA, whichever, is done some day. Weaker than that each DMA ends: it allows that one device goes
 * hungry while others are served.
 */
export function someDmaGetsDone(): Property {
  return monitor('while DMAs are stalled, some DMA is done some day', progressMonitor);
}

/** Of each of these, with one at a time. */
export function eachDmaEnds(devices: readonly string[]): readonly Property[] {
  return devices.map((device) =>
    leadsTo(
      `a DMA of ${device} that was started ends`,
      (view) => view.get(device).matches('stalled'),
      (view) => view.get(device).matches('idle'),
    ),
  );
}

export function noDmaIsAborted(): Property {
  return monitor('no DMA ends with an abort', abortMonitor);
}

/** Where nothing but an illegal stream table entry aborts. */
export function noBadSte(): Property {
  return monitor('no transaction ends with C_BAD_STE', badSteMonitor);
}

const progressMonitor = setup({
  types: { events: {} as Observed<{ type: 'STALL' } | { type: 'ACCESS' } | { type: 'TERMINATE' }> },
}).createMachine({
  id: 'someDmaGetsDone',
  initial: 'moving',
  states: {
    moving: { on: { STALL: 'stuck' } },
    stuck: {
      tags: 'hot',
      // An abort is no success, but it ends a DMA.
      on: { ACCESS: 'moving', TERMINATE: 'moving' },
    },
  },
});

const abortMonitor = setup({
  types: { events: {} as Observed<{ type: 'TERMINATE' }> },
}).createMachine({
  id: 'noDmaIsAborted',
  initial: 'clean',
  states: {
    clean: { on: { TERMINATE: 'aborted' } },
    aborted: { tags: 'violation' },
  },
});

const badSteMonitor = setup({
  types: { events: {} as Observed<{ type: 'ABORTED' }> },
}).createMachine({
  id: 'noBadSte',
  initial: 'clean',
  states: {
    clean: { on: { ABORTED: 'aborted' } },
    aborted: { tags: 'violation' },
  },
});
