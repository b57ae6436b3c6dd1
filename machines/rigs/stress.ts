/** What several scenarios have in common when they are stressed: what is counted, and how deep the queues are. */
import type { SystemView } from '../../src/system/property.ts';
import type { StressDefinition } from '../../src/system/scenario.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { depthOf } from '../parts/ring.ts';

/** How many things are in a list, or in a dictionary, of an actor's context. */
export function sizeOf(actor: string, list: string): (view: SystemView) => number {
  return (view) => Object.keys((view.get(actor).context as Record<string, object>)[list]!).length;
}

/** How many messages are in a channel. */
export function messagesIn(channel: string): (view: SystemView) => number {
  return (view) => view.channel(channel).length;
}

/**
 * Page requests through a PRI queue.
 *
 * Groups are counted and not requests: that the SMMU drops a request that is not the last of its group, and that the core
 * discards one that waits for its last, is no message. What the device is owed is one answer to each complete group.
 */
export const pageRequests = {
  unit: 'SMMU',
  queueEntries: 'queueEntries',
  pressure: ['RECLAIM'],
  counters: {
    'complete groups': { type: 'POST', where: ({ last }) => last === true },
    answers: { type: 'PRG_RESPONSE', where: ({ by }) => by !== 'priq' },
    'automatic answers': { type: 'PRG_RESPONSE', where: ({ by }) => by === 'priq' },
    'stored requests': { type: 'STORE', where: ({ entry }) => !('stopMarker' in (entry as object)) },
    'reported requests': { type: 'REPORT' },
    'queued groups': { type: 'QUEUE_WORK' },
  },
  balances: [
    { name: 'each complete group is answered', left: ['complete groups'], right: ['answers', 'automatic answers'] },
    { name: 'each stored request is reported', left: ['stored requests'], right: ['reported requests'] },
    { name: 'each group that is queued is answered', left: ['queued groups'], right: ['answers'] },
  ],
  gauges: {
    PRIQ: (view) => {
      const { prod, cons, slots } = view.get('priq').context;
      return depthOf(prod, cons, slots.length);
    },
    'work queue': sizeOf('workQueue', 'queued'),
    'partial list of dev0': sizeOf('core0', 'partial'),
  },
  latencies: { 'page request group': { actors: 'dev', states: ['requesting', 'waiting'] } },
} as const satisfies StressDefinition;

/** Stalls of an SMMU that a fault handler resolves, while the host reclaims pages. */
export const stalledTransactions = {
  unit: 'SMMU',
  devices: 'devices',
  queueEntries: 'eventQueueEntries',
  pages: 'pages',
  parameters: { pages: 16, frames: 4 },
  pressure: ['RECLAIM'],
  counters: {
    stalls: { type: 'STALL' },
    'early retries': { type: 'RETRY_EARLY' },
    retries: { type: 'RESUME', where: ({ retry }) => retry === true },
    refusals: { type: 'RESUME', where: ({ retry }) => retry === false },
    DMAs: { type: 'DMA' },
    accesses: { type: 'ACCESS' },
    aborts: { type: 'TERMINATE' },
    'references taken': { type: 'GET' },
    'references dropped': { type: 'PUT' },
  },
  balances: [
    { name: 'each stall ends', left: ['stalls'], right: ['early retries', 'retries', 'refusals'] },
    { name: 'each DMA ends', left: ['DMAs'], right: ['accesses', 'aborts'] },
    { name: 'each reference to a frame is dropped', left: ['references taken'], right: ['references dropped'] },
  ],
  gauges: {
    EVTQ: sizeOf('evtq', 'records'),
    'stalls without a record': sizeOf('evtq', 'unrecorded'),
    CMDQ: messagesIn('commands'),
    'free frames': sizeOf('freeList', 'frames'),
  },
  latencies: {
    'stalled transaction': { actors: 'dev', states: ['stalled'] },
    'container lock': { actors: 'containerLock', states: ['held'] },
    'reclaim of a page': { actors: 'kswapd', states: ['notifyingStart', 'unmapping', 'notifying', 'unmapped'] },
  },
} as const satisfies StressDefinition;

/** Page requests that wait for user space, with groups of one request. */
export const userSpaceFaults = {
  unit: 'iommufd fault queue',
  devices: 'devices',
  queueEntries: 'entries',
  counters: {
    groups: { type: 'PAGE_REQUEST' },
    answers: { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' },
    'automatic answers': { type: 'PRG_RESPONSE', where: ({ code }) => code === 'invalid' },
    'groups allocated': { type: 'ALLOC' },
    'groups freed': { type: 'FREE' },
    'cookies given': { type: 'FETCHED' },
    'cookies written': { type: 'WRITTEN' },
    'cookies refused': { type: 'EINVAL' },
  },
  balances: [
    { name: 'each group is answered', left: ['groups'], right: ['answers', 'automatic answers'] },
    { name: 'each group is allocated', left: ['groups'], right: ['groups allocated'] },
    { name: 'each group that is allocated is freed', left: ['groups allocated'], right: ['groups freed'] },
    { name: 'each cookie is used', left: ['cookies given'], right: ['cookies written', 'cookies refused'] },
  ],
  gauges: {
    'page request queue': sizeOf('prq', 'entries'),
    'deliver list': sizeOf('fault', 'deliver'),
    'response array': sizeOf('fault', 'response'),
  },
  latencies: {
    'group until it is freed': { actors: 'group', states: ['allocated'] },
    'fault mutex': { actors: 'mutex', states: ['held'] },
  },
} as const satisfies StressDefinition;

/** The same with readers that sleep until a page comes back. */
export const sleepingReaders = {
  ...userSpaceFaults,
  pressure: ['EVICT'],
  counters: { ...userSpaceFaults.counters, sleeps: { type: 'SLEEP' }, 'wake-ups': { type: 'WAKE' } },
  balances: [
    ...userSpaceFaults.balances,
    { name: 'each reader that sleeps is woken', left: ['sleeps'], right: ['wake-ups'] },
  ],
  gauges: { ...userSpaceFaults.gauges, 'SVA work queue': sizeOf('sva', 'queued') },
  latencies: {
    ...userSpaceFaults.latencies,
    'sleep of a reader': { actors: 'reader', states: ['reading.asleep', 'writing.asleep'] },
  },
} as const satisfies StressDefinition;

/** Page requests of VT-d that are answered from the work queue, of devices that are unbound meanwhile. */
export const unbindingDevices = {
  unit: 'IOMMU',
  devices: 'devices',
  queueEntries: 'entries',
  pressure: ['UNBIND'],
  counters: {
    requests: { type: 'PAGE_REQUEST' },
    'reported requests': { type: 'REPORT' },
    'complete groups': { type: 'REPORT', where: ({ request }) => (request as PageRequest).last },
    answers: { type: 'PRG_RESPONSE' },
    'queued groups': { type: 'QUEUE_WORK' },
    'finished groups': { type: 'DONE' },
    'devices removed': { type: 'REMOVE_DEVICE' },
    'devices added': { type: 'ADD_DEVICE' },
  },
  balances: [
    { name: 'each request is reported', left: ['requests'], right: ['reported requests'] },
    { name: 'each complete group is answered', left: ['complete groups'], right: ['answers'] },
    { name: 'each group that is queued is finished', left: ['queued groups'], right: ['finished groups'] },
    { name: 'each device that is removed is added', left: ['devices removed'], right: ['devices added'] },
  ],
  gauges: {
    'page request queue': sizeOf('prq', 'entries'),
    'work queue': sizeOf('wq', 'queued'),
    'partial list of dev0': sizeOf('iopf0', 'partial'),
  },
  latencies: {
    flush: { actors: 'unbind', states: ['flushing'] },
    unbinding: { actors: 'unbind', states: ['stopped', 'flushing', 'flushed', 'removed'] },
  },
} as const satisfies StressDefinition;
