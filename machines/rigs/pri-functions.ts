/**
 * PCIe functions with PRI, wired once: their DMA contexts, which miss pages and ask for them, and the links on which the requests go.
 * The queue that they go to is of another rig, as `pri-queue.ts`, and so are the pages, as `sva-pages.ts`.
 */
import { actor, combineActors, family } from '../../src/system/system.ts';
import { pageRequestGroup } from '../hardware/pcie/page-request-group.ts';
import { type PersistentDmaInput, persistentDma } from '../hardware/pcie/persistent-dma.ts';
import { type PriEvent, pri } from '../hardware/pcie/pri.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface PriFunctions<Queue extends string> {
  readonly devices: number;
  /** Page request group indexes of each, with a DMA context each. */
  readonly indexes?: number;
  /** What a DMA context may have to do; how many of its pages are missing, and so the size of the group, is up to the mm. */
  readonly descriptors: readonly { readonly type: 'DMA'; readonly pages: readonly string[] }[];
  readonly generations: number;
  /** What a function may do by itself. */
  readonly choices?: readonly PriEvent[];
  /** Where the requests go. */
  readonly queue?: Queue;
}

/** Functions `dev0`, … with the contexts `dev0-prg0`, …; each has two credits for an index, as many as a descriptor has pages. */
export function priFunctions<const Queue extends string = 'priq'>({
  devices,
  indexes = 1,
  descriptors,
  generations,
  choices = [],
  queue = 'priq' as Queue,
}: PriFunctions<Queue>) {
  const contexts = names('dev', devices).map((device) =>
    family(`${device}-prg`, indexes, (index) =>
      actor(pageRequestGroup, {
        input: { name: `${device}-prg${index}`, pri: device, index: `prg${index}`, generations },
        choices: [...descriptors, { type: 'RUN' }],
        rest: ['idle'],
      }),
    ),
  );
  const functions = family('dev', devices, (index) => {
    const device = `dev${index}`;
    const owners = Object.fromEntries(names('prg', indexes).map((prg) => [prg, `${device}-${prg}`]));
    return actor(pri, {
      input: { device, iommu: queue, owners, credits: 2 * indexes },
      choices,
      rest: ['enabled', 'failed'],
    });
  });
  return {
    actors: combineActors(combineActors(...contexts), functions),
    expects: [queue],
    blocking: ['POST'],
    things: { devices: { count: devices, prefixes: ['dev'] }, indexes: { count: indexes, prefixes: ['prg'] } },
  } as const satisfies Rig;
}

/** Descriptors that touch two different pages, always in the order of the pages. */
export function inOneOrder(pages: number) {
  const all = names('page', pages);
  return all.flatMap((first, at) => all.slice(at + 1).map((second) => touch(first, second)));
}

/** Descriptors that touch two different pages, in either order. */
export function inEitherOrder(pages: number) {
  const all = names('page', pages);
  return all.flatMap((first) => all.filter((second) => second !== first).map((second) => touch(first, second)));
}

const touch = (...pages: string[]) => ({ type: 'DMA', pages }) as const;

interface PersistentFunctions<D, Queue extends string> {
  /** Each with one DMA at a time, to a page of its own. */
  readonly devices: number;
  /** A version of the DMA. */
  readonly dma?: D;
  readonly credits: number;
  readonly generations: number;
  readonly queue?: Queue;
}

/** Functions `dev0`, … whose DMA `dma0`, … is tried again after every answer, so that it can be asked whether it ends. */
export function persistentFunctions<
  D extends Version<PersistentDmaInput> = typeof persistentDma,
  const Queue extends string = 'priq',
>({ devices, credits, generations, queue = 'priq' as Queue, ...versions }: PersistentFunctions<D, Queue>) {
  const { dma = persistentDma } = versions;
  const actors = combineActors(
    family('dma', devices, (index) =>
      actorOf(dma, {
        input: { name: `dma${index}`, pri: `dev${index}`, index: 'prg0', page: `page${index}`, generations },
        choices: [{ type: 'DMA' }, { type: 'RUN' }],
        rest: ['idle'],
      }),
    ),
    family('dev', devices, (index) =>
      actor(pri, { input: { device: `dev${index}`, iommu: queue, owners: { prg0: `dma${index}` }, credits } }),
    ),
  );
  return { actors, expects: [queue], blocking: ['POST'] } as const satisfies Rig;
}

/** PCIe posted writes of each function, which are on their way for a while; functions are not ordered with each other. */
export function postedRequests(devices: number) {
  const links = names('dev', devices).map((device) => {
    const types = ['PAGE_REQUEST', 'STOP_MARKER'];
    return [`${device}-link`, { from: [device], to: ['priq'], types, order: 'fifo' as const, capacity: 2 }] as const;
  });
  return { actors: {}, expects: ['priq'], channels: Object.fromEntries(links) } as const satisfies Rig;
}
