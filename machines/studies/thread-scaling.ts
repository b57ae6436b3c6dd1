/**
 * D-24, D-25 (seed 003, 24 November 2023): liulongfang measured the fault path of Arm SVA with 8 to 512 threads on 128 CPUs, before and after the
 * v7 series: -0.7 % up to 128 threads, -1.7 % with 256, -4.94 % with 384, and with 512 an I/O page fault timed out (more than
 * 4.2 s), on both kernels. Which one of several things that threads share has its knee between 256 and 384 threads, and
 * answers a fault after more than 4.2 s with 512? Does what v7 changed matter?
 *
 * Machines: `fault-path.ts`; system and times: `fault-path-system.ts`. Each hypothesis makes one resource scarce:
 *
 * | hypothesis | resource | by |
 * |---|---|---|
 * | mmap-lock | the mmap lock, readers behind writers | an munmap() for each request, `detach` long with the lock for writing |
 * | command-queue | the SMMU's command queue | a page given back for each request: a TLBI and CMD_SYNC, `sync` long; CMD_RESUME waits behind |
 * | work-queue | `maxActive` workers | a handler that sleeps, `blocked` long |
 * | event-thread | the one interrupt thread of the event queue | `report` for each event; the base of all others |
 * | cpus | 128 CPUs | threads that compute or poll for `slice` without being preempted, so that workers wait for them |
 *
 * How much time there is between two faults of a thread nobody has said, and the knee of any of these is where that puts it. So the study
 * puts it there: it measures what a cycle takes of the scarce resource, chooses `between` so that `knee` threads use all of it, and asks
 * what follows for 512 threads. That answers what can be answered: a knee alone speaks for none of them, and the latency does.
 *
 * Constants. 10.2 us for a fault alone, of which the handler is 2.0: `constants.md` C.1 (SVA). How the other 8.2 are divided: assumed. 256 is
 * the kernel's WQ_DFL_ACTIVE, which `alloc_workqueue(..., WQ_UNBOUND, 0)` gives the iopf queue (workqueue.h, v6.7). `sync` 4 us: C.6, 5.4 us for
 * each page of which 73.5 % are in the command queue. `lookUp`: fitted to the row of 384 threads. `detach`, `blocked`, `report`: assumed. `slice`:
 * assumed, about a time slice of the scheduler.
 *
 * v7 as read: iommu_queue_iopf() finds the domain in the interrupt thread (get_domain_for_iopf()), where in v6.7-rc1 the worker did
 * (iommu_get_domain_for_dev_pasid()); the list of the pending faults has the same lock before and after. Left out: what else it changed.
 */
import { defineStudy, type StudyContext } from '../../src/simulate/study.ts';
import { faultPath, faultPathMeasures, faultPathTiming } from './fault-path-system.ts';
import {
  IOPF_TIME_OUT,
  KNEE_SHARE,
  type NearestScaling,
  P99_RISEN,
  SCALING_HYPOTHESES,
  SCARCE_RESOURCE,
  type ScalingFound,
  type ScalingHypothesis,
  type ScalingOutcome,
  type ScalingPoint,
  type ScalingValues,
  type SettledScaling,
  scalingMean,
  scalingParameters,
  scalingTimes,
  throughputShare,
} from './thread-scaling-hypotheses.ts';
import { scalingTold } from './thread-scaling-told.ts';

type Scaling = StudyContext<typeof scalingParameters, ScalingPoint>;

function sizesOf(threads: number): number[] {
  const sizes = [64, 32, 16, 8, 4, 2, 4 / 3, 1].map((part) => Math.max(1, Math.round(threads / part)));
  return [...new Set(sizes)];
}

/**
 * How long a thread has to be between two faults for the knee to be where it is asked for, not above 0 when it cannot be there; how long a
 * cycle then is, and what it takes of the resource: all from a run with few threads.
 */
async function settle(hypothesis: ScalingHypothesis, { parameters: values, simulate }: Scaling) {
  const first = 1000;
  const threads = Math.ceil(values.threads / 8);
  const guess = first + (hypothesis === 'work-queue' ? values.blocked : hypothesis === 'cpus' ? values.slice : 20);
  const point = { hypothesis, threads, between: first, isV7: false, slower: 1, time: timeOf(threads, guess, values) };
  const [probe] = await simulate([point]);
  const demand = scalingMean(probe!, 'busy') / scalingMean(probe!, 'rate');
  const cycle = values.knee * demand;
  return { between: cycle - scalingMean(probe!, 'mean') - scalingMean(probe!, 'own'), demand, cycle };
}

function timeOf(threads: number, cycle: number, { cycles, faults }: ScalingValues): number {
  return Math.ceil(Math.max(cycles, faults / threads) * cycle);
}

function pointOf(
  found: SettledScaling,
  threads: number,
  values: ScalingValues,
  { isV7 = false, slower = 1 } = {},
): ScalingPoint {
  const { hypothesis, between, cycle, demand } = found;
  const time = timeOf(threads, Math.max(cycle, threads * demand), values) * slower;
  return { hypothesis, threads, between, isV7, slower, time };
}

async function find(hypothesis: ScalingHypothesis, scaling: Scaling): Promise<ScalingFound> {
  const { parameters: values, simulate } = scaling;
  const settled = { hypothesis, ...(await settle(hypothesis, scaling)) };
  if (settled.between <= 0)
    return { ...settled, sweep: [], v7: [], knee: undefined, risen: undefined, slower: Number.NaN };
  const sizes = sizesOf(values.threads);
  const sweep = await simulate(sizes.map((threads) => pointOf(settled, threads, values)));
  const v7 = await simulate(
    v7Sizes(hypothesis, sizes).map((threads) => pointOf(settled, threads, values, { isV7: true })),
  );
  const slower = IOPF_TIME_OUT / scalingMean(sweep.at(-1)!, 'p99');
  return { ...settled, sweep, v7, knee: kneeOf(sweep), risen: risenOf(sweep), slower };
}

/** For the two that D-24 names, where something else than the interrupt thread is scarce, the row beyond the knee tells whether its work matters. */
function v7Sizes(hypothesis: ScalingHypothesis, sizes: readonly number[]): readonly number[] {
  if (hypothesis === 'event-thread') return [...sizes.slice(0, 1), ...sizes.slice(-4, -1)];
  return hypothesis === 'mmap-lock' || hypothesis === 'command-queue' ? sizes.slice(-2, -1) : [];
}

/** Of all hypotheses that which has to be slowed down least, so slowed down. */
async function nearestOf(
  found: readonly ScalingFound[],
  { parameters: values, simulate }: Scaling,
): Promise<NearestScaling | undefined> {
  const [nearest] = found.filter(({ sweep }) => sweep.length > 0).sort((a, b) => a.slower - b.slower);
  if (!nearest) return undefined;
  const [outcome] = await simulate([pointOf(nearest, values.threads, values, { slower: nearest.slower })]);
  return { hypothesis: nearest.hypothesis, outcome: outcome! };
}

function kneeOf(sweep: readonly ScalingOutcome[]): ScalingFound['knee'] {
  const first = sweep.findIndex((outcome) => throughputShare(outcome, sweep) < KNEE_SHARE);
  if (first < 0) return undefined;
  const [good, bad] = [sweep[first - 1]!, sweep[first]!];
  const [above, below] = [throughputShare(good, sweep), throughputShare(bad, sweep)];
  const [after, before] = [good.point.threads, bad.point.threads];
  return { after, before, at: after + ((above - KNEE_SHARE) / (above - below)) * (before - after) };
}

function risenOf(sweep: readonly ScalingOutcome[]): number | undefined {
  return sweep.find((outcome) => scalingMean(outcome, 'p99') > P99_RISEN * scalingMean(sweep[0]!, 'p99'))?.point
    .threads;
}

export const threadScaling = defineStudy({
  name: 'thread-scaling',
  title: 'Faults of 8 to 512 threads',
  question: 'What puts a knee between 256 and 384 threads, and a fault that takes 4.2 s at 512?',
  sources: ['seed:003', 'D-24', 'D-25'],
  parameters: scalingParameters,
  seeds: 2,
  build(point: ScalingPoint, values: ScalingValues) {
    const times = scalingTimes(point, values);
    return {
      system: faultPath(point.threads, times.buffers),
      timing: faultPathTiming(times),
      measures: faultPathMeasures,
      time: point.time,
      warmUp: point.time / 6,
      read: ({ counters, times: { fault, own }, resources }) => ({
        rate: counters.faults!.rate,
        mean: fault!.mean,
        own: own!.mean,
        p99: fault!.p99,
        busy: resources[SCARCE_RESOURCE[point.hypothesis]]!.utilisation,
        recorded: resources.irqThread!.waitingMax,
      }),
    };
  },
  async run(scaling) {
    const found: ScalingFound[] = [];
    for (const hypothesis of SCALING_HYPOTHESES) found.push(await find(hypothesis, scaling));
    return scalingTold(found, await nearestOf(found, scaling), scaling.parameters);
  },
});
