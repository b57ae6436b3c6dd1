import { describe, expect, it } from 'vitest';
import { flood, invalidationFlood } from '../../machines/studies/invalidation-flood.ts';
import { check } from '../../src/explore/check.ts';
import { numbersOf, runSeeds, runStudy } from '../../src/simulate/run-study.ts';

const usual = { pages: 511, threads: 1, isAsid: false, entries: 65536, command: 0.1, polls: false };

function simulated(point: Partial<typeof usual>, parameters = {}) {
  const built = invalidationFlood.build({ ...usual, ...point }, parameters);
  return numbersOf(built, runSeeds(built, { seeds: [1] })[0]!);
}

describe('threads that give memory back', () => {
  it.each([0, 130])('has no violation with two threads of %i TLBIs', async (commands) => {
    expect((await check(flood(2, commands, 2, 2))).verdict).toBe('holds');
  });

  it('is as long as there are pages, with a TLBI for each, and always the same with one for all', () => {
    const [one, two] = [simulated({ pages: 4096 }).munmap!, simulated({ pages: 8192 }).munmap!];
    expect(two / one).toBeGreaterThan(1.95);
    expect(two / one).toBeLessThan(2.05);
    const all = [4096, 8192].map((pages) => simulated({ pages, isAsid: true }));
    expect(all[0]!.munmap).toBe(all[1]!.munmap);
    expect(all[0]!.munmap! * 50).toBeLessThan(one);
    // 512 translations, 0.2 us each.
    expect(all[0]!.walking).toBeCloseTo(102.4, 6);
    expect(simulated({ pages: 4096 }).walking).toBe(0);
  });

  it('takes as many times as long as there are threads that do it', () => {
    const longer = simulated({ threads: 8 }).munmap! / simulated({}).munmap!;
    expect(longer).toBeGreaterThan(7);
    expect(longer).toBeLessThan(9);
  });

  it('has a command wait for no more than what a full queue holds', () => {
    const [few, many] = [1024, 8192].map((entries) => simulated({ threads: 4, pages: 4096, entries }));
    expect(few!.wait).toBeCloseTo(1024 * 0.1, 0);
    expect(many!.wait).toBeCloseTo(8192 * 0.1, 0);
    expect(many!.munmap! / few!.munmap!).toBeCloseTo(1, 2);
  });

  it('sees a CMD_SYNC late that it polls for, and gives up after 1 s', () => {
    const [msi, polled] = [simulated({}), simulated({ polls: true })];
    expect(polled.munmap! - msi.munmap!).toBeCloseTo(polled.unseen!, 6);
    expect(polled.unseen).toBeGreaterThan(1);
    expect(msi.unseen).toBe(0);
    expect(simulated({ pages: 16384, command: 80, polls: true }).timeOuts).toBe(1);
    expect(simulated({ pages: 8192, command: 80, polls: true }).timeOuts).toBe(0);
  });
});

describe('the study', () => {
  it('says how much memory takes 26 s, and from how many pages on one TLBI for all is better', async () => {
    const parameters = { pages: 2048, threads: 4 };
    const { answer, tables } = await runStudy(invalidationFlood, { parameters, seeds: 2 });
    const gib = Number(/26 s are (\d+) GiB by one thread/.exec(answer[0]!)?.[1]);
    // 26 s of 0.1 us each.
    expect(gib).toBeGreaterThan(900);
    expect(gib).toBeLessThan(1100);
    expect(Number(/from (\d+) pages on/.exec(answer[2]!)?.[1])).toBeGreaterThan(512);
    expect(tables[0]!.rows).toHaveLength(7);
    // Where a walk costs little, it is better from fewer pages on.
    const cheap = await runStudy(invalidationFlood, { parameters: { ...parameters, walk: 0.02 }, seeds: 2 });
    expect(Number(/from (\d+) pages on/.exec(cheap.answer[2]!)?.[1])).toBeLessThan(200);
  });
});
