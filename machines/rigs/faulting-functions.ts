/**
 * PCIe functions reduced to the page requests that they post, as a rig, and the page request queue of VT-d with its interrupt thread as
 * another one, where nothing overflows. `pri-functions.ts` and `pri-queue.ts` have credits, translations and overflows.
 */
import { actor, combineActors, family } from '../../src/system/system.ts';
import { type FaultingFunctionEvent, faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

interface FaultingFunctions<Queue extends string> {
  readonly devices: number;
  /** Page request group indexes of each. */
  readonly indexes: number;
  /** Requests in each group. */
  readonly pages?: number;
  /** What a function may start by itself; left out, somebody else starts its DMA (`guest.ts`). */
  readonly choices?: readonly FaultingFunctionEvent[];
  /** Where the requests go. */
  readonly queue?: Queue;
}

/** Functions `dev0`, …, each of which waits for the answers to what it posted. */
export function faultingFunctions<const Queue extends string = 'prq'>({
  devices,
  indexes,
  pages = 1,
  choices = [],
  queue = 'prq' as Queue,
}: FaultingFunctions<Queue>) {
  // Of a group of one request, the first is the last.
  const goesOn = pages > 1 ? names('prg', indexes).map((index) => ({ type: 'RUN' as const, index })) : [];
  const actors = family('dev', devices, (index) =>
    actor(faultingFunction, {
      input: { name: `dev${index}`, queue, pages: names('page', pages) },
      choices: [...choices, ...goesOn],
      rest: ({ context }) => Object.keys(context.posted).length === 0,
    }),
  );
  return {
    actors,
    expects: [queue],
    // Pages are not alike: a group asks for them in their order.
    things: { devices: { count: devices, prefixes: ['dev'] }, indexes: { count: indexes, prefixes: ['prg'] } },
  } as const satisfies Rig;
}

interface PageRequestPath<Core extends string> {
  readonly devices: number;
  readonly entries: number;
  /** What the thread reports to: with `param`, to `param0`, …. */
  readonly reportsTo: Core;
}

/** The queue `prq` and its thread `irq`. */
export function pageRequestPath<const Core extends string>({ devices, entries, reportsTo }: PageRequestPath<Core>) {
  const cores = names(reportsTo, devices);
  const actors = combineActors({
    prq: actor(pageRequestQueue, { input: { entries } }),
    irq: actor(prqThread, {
      input: { name: 'irq', queue: 'prq', cores: pairs(names('dev', devices), cores) },
      choices: [{ type: 'RUN' }],
      rest: ['idle'],
    }),
  });
  return { actors, expects: cores, blocking: ['PAGE_REQUEST', 'PEEK'] } as const satisfies Rig;
}
