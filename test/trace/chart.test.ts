import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { check } from '../../src/explore/check.ts';
import type { System } from '../../src/system/system.ts';
import { renderChart } from '../../src/trace/chart.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { type Trace, traceOf } from '../../src/trace/trace.ts';
import fc from '../fast-check.ts';
import { office } from './office.ts';

/** Everything once: queued, dropped, delivered, delivered and kept, lost, timers, monitors, an end. */
const EVERYTHING = '0/1/1/4/6/4/3/2';

const chart = (schedule: string, options: Partial<Parameters<typeof renderChart>[1]> = {}) =>
  renderChart(replaySchedule(office(), schedule).trace, { colours: false, ...options });

describe('a chart', () => {
  it('shows messages, their fates, changes and the end', () => {
    expect(`\n${chart(EVERYTHING, { width: 90, property: 'the ink stays wet' })}`).toBe(`
 1  clerk.SEND(page=p0)
       clerk -> desk     STAMP(by=clerk)
       clerk -> printer  JOB(page=p0, tags={urgent: false})  into spool
       desk -> clerk     STAMPED(stamp=s0)
         clerk: working.writing -> working.waiting, sent 0 -> 1, stamp null -> s0,
                timer after 1000 in working.waiting armed
         desk: next 0 -> 1
 2  clerk.SEND(page=p1)
       clerk -> desk     STAMP(by=clerk)
       clerk -> printer  JOB(page=p1, tags={urgent: false})  into spool
       desk -> clerk     STAMPED(stamp=s1)
         clerk: sent 1 -> 2, stamp s0 -> s1
         desk: next 1 -> 0
 3  clerk.SEND(page=p1)
       clerk -> desk     STAMP(by=clerk)
       clerk -> printer  JOB(page=p1, tags={urgent: false})  dropped: spool is full
       desk -> clerk     STAMPED(stamp=s0)
         clerk: sent 2 -> 3, stamp s1 -> s0
         desk: next 0 -> 1
 4  spool: JOB(page=p0, tags={urgent: false}) -> printer
         printer: pages + p0, timer dry armed
         monitor "no page is printed twice":
           seen.p0 added: true
 5  spool: JOB(page=p1, tags={urgent: false}) -> printer, and stays
         printer: pages + p1
         monitor "no page is printed twice":
           seen.p1 added: true
 6  printer.timer dry
         printer: ink.wet -> ink.dry, timer dry gone
 7  clerk.timer after 1000 in working.waiting
         clerk: working.waiting -> working.writing,
                timer after 1000 in working.waiting gone
 8  clerk.STOP
         clerk: working.writing -> gone

violated: the ink stays wet

at the end
  clerk                       gone  sent=3  stamp=s0
  desk                        -  next=1
  printer                     {paper.loaded, ink.dry}  pages=[p0, p1]
  "no page is printed twice"  clean  seen={p0: true, p1: true}
  spool                       JOB(page=p1, tags={urgent: false}) -> printer
`);
  });

  it('shows where the model is wrong, and why', async () => {
    const { tables, path, error } = await check(office({ breaks: true }));
    const text = renderChart(traceOf(tables, path!), { colours: false, final: false, error: error! });
    expect(`\n${text}`).toBe(`
 1  clerk.BREAK
       clerk -> desk  NAG  not taken

the model is wrong: actor "desk" (state {} {"next":0}) has no transition for {"type":"NAG"}

handle NAG there, ignore it with \`NAG: {}\`, let the actor or the system have \`unhandled: 'ignore'\`,
  or list it as blocking if the sender must wait
`);
  });

  it('shows a message that a lossy channel loses', () => {
    expect(chart('0/6', { final: false })).toContain(
      ' 2  spool: JOB(page=p0, tags={urgent: false}) for printer is lost',
    );
  });

  it('of no steps shows the state at the start', () => {
    expect(chart('')).toMatch(/^\nat the start\n {2}clerk {9}/);
    expect(chart('', { final: false })).toBe('\n');
  });

  it('is the same with colours, which it needs to be told to use', () => {
    const coloured = chart(EVERYTHING, { colours: true, property: 'the ink stays wet' });
    expect(coloured).not.toBe(stripVTControlCharacters(coloured));
    expect(stripVTControlCharacters(coloured)).toBe(chart(EVERYTHING, { property: 'the ink stays wet' }));
  });

  it('cuts an endless exchange in its middle', () => {
    const { trace } = replaySchedule(office(), '0');
    const message = trace.steps[0]!.messages[1]!;
    const messages = Array.from({ length: 10_000 }, () => message);
    const endless: Trace = { ...trace, steps: [{ ...trace.steps[0]!, messages }] };
    const text = renderChart(endless, { colours: false });
    expect(text.split('\n').length).toBeLessThan(50);
    expect(text).toContain('… and 9975 more …');
  });

  describe('keeps to its width', () => {
    async function traceIn(system: System): Promise<Trace> {
      const { tables, path } = await check(system, { maxStates: 50_000 });
      return traceOf(tables, path!);
    }
    const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

    it.each([
      ['office', () => replaySchedule(office(), EVERYTHING).trace],
      ['dining philosophers', () => traceIn(diningPhilosophers.build({ philosophers: 3 }, 'left-right'))],
      ['bounded fifo', () => traceIn(boundedFifo.build({ capacity: 2, numbers: 4 }, 'drop'))],
    ])('in %s', async (_, make) => {
      const trace = await make();
      const property = 'a property whose name is a long sentence that no terminal of forty columns holds';
      fc.assert(
        fc.property(fc.integer({ min: 40, max: 140 }), (width) => {
          const text = renderChart(trace, { colours: false, width, property });
          expect(widest(text)).toBeLessThanOrEqual(width);
          // Cut short it may be, but every step is there.
          for (let step = 1; step <= trace.steps.length; step++)
            expect(text).toMatch(new RegExp(`^ *${step} {2}\\S`, 'm'));
        }),
        { numRuns: 40 },
      );
    });
  });
});
