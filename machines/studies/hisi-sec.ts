/**
 * The tables of the seeds, simulated: `hisi_sec_test` of UADK on a Kunpeng 920, with and without I/O page faults, as host SVA and in a VM.
 *
 * The question is how far machines and a few fitted times go: what is fitted on what, what is predicted, and what the data cannot tell.
 * Shenming Lu measured (cover letters of VFIO IOPF v2 and v3, 2021); Alex Williamson said that one can make a benchmark show anything.
 *
 * What is modelled by which machine: user space and its queues, `./hisi-queues.ts`; the engine, `./hisi-accelerator.ts`; what is mapped,
 * and the windows of pre-map, `./hisi-translations.ts`; stalls, event queue, its thread, the worker of SVA, the answer and reclaim,
 * `./hisi-fault-path.ts`. They are put together, with their times, in `./hisi-system.ts`.
 *
 * Where numbers come from. Measured: the rows (`./hisi-rows.ts`), and what a handler takes (1.6 us for VFIO, 2.0 us for SVA; `constants.md`
 * C.1). Read in sources: sizes and depths of rings, and how buffers are taken in turns (see `./hisi-queues.ts`). Read off the rows: the
 * number of queues and of channels (parameters). Fitted: see `./hisi-fit.ts`. All other times are parameters, and assumed.
 */
import { z } from 'zod';
import { defineStudy, type Point } from '../../src/simulate/study.ts';
import { type Alternative, resultOf, type Series, type Simulated } from './hisi-answer.ts';
import { type Fitted, fitBase, fitKept, fitStartUp, type Simulate } from './hisi-fit.ts';
import { MEASURED, type Measured, rowOf } from './hisi-rows.ts';
import { hisiSystem, hisiTiming } from './hisi-system.ts';

/** What a handler takes, in microseconds: `vfio_iommu_dev_fault_handler()` and `iopf_handle_group()`, as measured. */
const HANDLER = { vfio: 1.6, sva: 2 } as const;

const us = (value: number, text: string) =>
  z.number().min(0).max(1000).default(value).describe(`${text}, in us; assumed`);

const parameters = z.object({
  queues: z
    .number()
    .int()
    .min(1)
    .max(24)
    .default(10)
    .describe('queues that messages are dealt to; read off the numbers of faults'),
  channels: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(6)
    .describe('messages that the engine works on at a time; read off the rows without IOPF'),
  look: us(1, 'from an answer until the event thread has looked once more, and sleeps'),
  receive: us(0.5, 'a thread takes a record, and finds the device'),
  respond: us(0.8, 'a thread puts CMD_RESUME in the queue'),
  resume: us(0.3, 'from there until the transaction is retried'),
  record: us(0.2, 'from a stall until its record is in the event queue'),
  access: us(0.2, 'a channel has a page translated'),
  post: us(0.5, 'user space posts a message'),
  zeroing: us(1, "what of the VFIO handler is to get a page of the host, for the alternative 'backed'"),
  spread: z
    .number()
    .min(0)
    .max(2)
    .default(0.25)
    .describe('deviation of wake-up times, as a share of their mean; assumed'),
  cpus: z.number().int().min(1).max(1024).default(96).describe('CPUs of the host'),
  longest: z.number().int().min(100).max(5000).default(5000).describe('leaves out rows with more messages'),
  alternatives: z.boolean().default(true).describe('simulates what other mechanisms predict as well'),
});
type Values = z.output<typeof parameters>;

interface HisiPoint extends Point {
  readonly series: Measured['series'];
  readonly times: number;
  readonly iopf: boolean;
  readonly mechanism: Mechanism;
  readonly queues: number;
  readonly reclaimed: number;
  readonly startUp: number;
  readonly perMessage: number;
  readonly wakeUp: number;
  readonly perPage: number;
}

/**
 * Why a fault of VFIO costs less when many messages are on their way.
 *
 * - `awake`: the event thread finds the next fault before it sleeps. This is the model.
 * - `asleep`: it sleeps after each, as if faults came one by one.
 * - `backed`: as `asleep`; but with x100 and more the host has the guest's memory already, so the handler gets no page.
 * - `overlap`: each channel has a stall of its own, and the thread sleeps when there is no record.
 */
export type Mechanism = 'awake' | 'asleep' | 'backed' | 'overlap';

/** Where a search begins; where it ends does not turn on it. */
const FIRST: Readonly<Record<Measured['series'], Fitted>> = {
  sva: { startUp: 400, perMessage: 110, wakeUp: 3, perPage: 0 },
  vfio: { startUp: 2400, perMessage: 115, wakeUp: 7, perPage: 0 },
  premap: { startUp: 2400, perMessage: 1150, wakeUp: 7, perPage: 0.7 },
};

export const hisiSec = defineStudy({
  name: 'hisi-sec',
  title: 'The benchmark of the VFIO IOPF cover letters',
  question: 'How much of the measured speed with I/O page faults do machines and a few fitted times explain?',
  sources: ['D-05', 'seed:000', 'seed:001'],
  parameters,
  seeds: 5,
  build(point: HisiPoint, values: Values) {
    const { series, times, iopf, mechanism, queues, reclaimed, startUp, perMessage, wakeUp, perPage } = point;
    const path = series === 'sva' ? 'sva' : 'vfio';
    const row = {
      path,
      iopf,
      times,
      // malloc() begins behind a header, so a buffer of n pages lies on one more.
      pages: (series === 'premap' ? 10 : 1) * 256 + 1,
      premap: series === 'premap' ? 512 : 1,
      queues,
      channels: values.channels,
      stalls: mechanism === 'overlap' ? values.channels : 1,
      reclaimed,
    } as const;
    const isBacked = mechanism === 'backed' && times > 1;
    const timing = hisiTiming(row, {
      ...values,
      look: mechanism === 'awake' ? values.look : 0,
      handler: HANDLER[path] - (isBacked ? Math.min(values.zeroing, HANDLER[path]) : 0),
      startUp,
      perMessage,
      wakeUp,
      perPage,
    });
    return {
      system: hisiSystem(row),
      timing,
      measures: {
        counters: { faults: { type: 'STALL' } },
        ...(iopf && { times: { fault: { from: { type: 'STALL' }, to: { type: 'RETRY' } } } }),
      },
      read: (run) => ({ time: run.time, faults: run.counters.faults!.count }),
    };
  },
  async run({ parameters: values, simulate }) {
    const measured = MEASURED.filter(({ times }) => times <= values.longest);
    const seen = new Map<string, Simulated>();
    /** What was simulated before is not simulated again: without IOPF, mechanisms do not differ. */
    const outcomes = async (points: readonly HisiPoint[]): Promise<Simulated[]> => {
      const missing = points.filter((point) => !seen.has(JSON.stringify(point)));
      for (const { point, values: found } of missing.length > 0 ? await simulate(missing) : []) {
        seen.set(JSON.stringify(point), { time: found.time!, faults: found.faults!.mean });
      }
      return points.map((point) => seen.get(JSON.stringify(point))!);
    };
    const by = { mechanism: 'awake' as Mechanism, queues: values.queues, reclaimed: 0 };
    const pointOf = ({ series, times }: Measured, iopf: boolean, fitted: Fitted, more = by): HisiPoint => ({
      series,
      times,
      iopf,
      ...more,
      ...fitted,
      ...(!iopf && { mechanism: 'awake', wakeUp: 0, perPage: 0 }),
    });
    const times =
      (more = by): Simulate =>
      async (rows, iopf, fitted) =>
        (await outcomes(rows.map((row) => pointOf(row, iopf, fitted, more)))).map(({ time }) => time.mean);
    const both = async (rows: readonly Measured[], fitted: Fitted, more = by) => {
      const found = await outcomes(
        rows.flatMap((row) => [false, true].map((iopf) => pointOf(row, iopf, fitted, more))),
      );
      return rows.map((row, at) => ({ row, without: found[2 * at]!, with: found[2 * at + 1]! }));
    };
    const of = (series: Measured['series']) => measured.filter((row) => row.series === series);

    const rowsOfFit = {
      sva: [rowOf('sva', 1), rowOf('sva', 100)],
      vfio: [rowOf('vfio', 1), rowOf('vfio', values.longest < 1000 ? 100 : 1000)],
      premap: [rowOf('premap', 1)],
    } as const;
    const base = {
      sva: await fitBase(rowsOfFit.sva, FIRST.sva, times()),
      vfio: await fitBase(rowsOfFit.vfio, FIRST.vfio, times()),
    };
    const sva = await fitKept(rowsOfFit.sva, 'wakeUp', base.sva, times());
    const vfio = await fitKept(rowsOfFit.vfio, 'wakeUp', base.vfio, times());
    const scaled = { ...vfio, perMessage: 10 * vfio.perMessage, perPage: FIRST.premap.perPage };
    const premap = await fitKept(
      rowsOfFit.premap,
      'perPage',
      await fitStartUp(rowOf('premap', 1), scaled, times()),
      times(),
    );
    const series: Series[] = [];
    for (const [name, fitted] of Object.entries({ sva, vfio, premap }) as [Measured['series'], Fitted][]) {
      series.push({ name, fitted, fittedOn: rowsOfFit[name], rows: await both(of(name), fitted) });
    }

    const alternatives: Alternative[] = [{ name: 'awake', rows: series[1]!.rows }];
    for (const mechanism of values.alternatives ? (['asleep', 'backed', 'overlap'] as const) : []) {
      const more = { ...by, mechanism };
      const fitted = await fitKept(rowsOfFit.vfio, 'wakeUp', base.vfio, times(more));
      alternatives.push({ name: mechanism, rows: await both(of('vfio'), fitted, more) });
    }

    const more: Alternative[] = [{ name: `${values.queues} queues`, rows: [...series[1]!.rows, ...series[2]!.rows] }];
    if (values.alternatives) {
      const counted = async (name: string, reclaimed: number) => {
        const one = { ...by, queues: 1, reclaimed };
        more.push({ name, rows: [...(await both(of('vfio'), vfio, one)), ...(await both(of('premap'), premap, one))] });
      };
      await counted('1 queue', 0);
      const last = more[1]!.rows.filter(({ row }) => row.series === 'vfio').at(-1)!;
      const rate = Math.max(0, (last.row.faults - last.with.faults) / (last.with.time.mean / 1000));
      if (rate > 0) await counted('1 queue, reclaim', rate);
    }
    const told = resultOf({ series, alternatives, more, handler: HANDLER.vfio, zeroing: values.zeroing });
    return { ...told, timeline: pointOf(rowOf('vfio', 1), true, vfio) };
  },
});
