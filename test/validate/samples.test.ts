/** The samples of docs/validate.md: each says of which driver it can be. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { racingUnmap } from '../../machines/races/B-62-racing-unmap.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import { parseLog } from '../../src/validate/log.ts';
import { type Validation, validate } from '../../src/validate/validate.ts';

function judge(name: string, variant?: string): Promise<Validation> {
  const log = parseLog(
    name,
    readFileSync(fileURLToPath(new URL(`../../docs/samples/${name}`, import.meta.url)), 'utf8'),
  );
  const scenarios: readonly Scenario[] = [priOverflow, racingUnmap];
  const scenario = scenarios.find((known) => known.name === log.header.scenario)!;
  const system = scenario.build(scenario.parameters.parse(log.header.parameters), variant ?? log.header.variant!);
  return validate(system, log, { vocabulary: scenario.observed!, maxStates: 100_000 });
}

async function possibleFor(name: string, variants: object): Promise<string[]> {
  const possible: string[] = [];
  for (const variant of Object.keys(variants)) {
    if ((await judge(name, variant)).verdict === 'valid') possible.push(variant);
  }
  return possible;
}

describe('pri-overflow', () => {
  test('a recording of the fixed driver, which the one that makes a single pass may be as well', async () => {
    expect(await possibleFor('pri-overflow.jsonl', priOverflow.variants)).toEqual(['fixed', 'one-pass']);
  });

  test('a merged group, which only the driver that never discards can show', async () => {
    expect(await possibleFor('pri-overflow-merged.jsonl', priOverflow.variants)).toEqual(['no-discard']);
    const { stuck } = await judge('pri-overflow-merged.jsonl');
    expect(stuck).toMatchObject({ line: 5, got: 'priq_cons(ovackflg=1)', possible: ['discard_partial'] });
  });
});

describe('racing-unmap', () => {
  test('a DMA to memory that was freed, and every run that shows it has that', async () => {
    expect(await possibleFor('racing-unmap.jsonl', racingUnmap.variants)).toEqual(['no-lock-over-gup']);
    const { violated, everyRun, names } = await judge('racing-unmap.jsonl', 'no-lock-over-gup');
    expect(violated.map(({ property }) => property)).toEqual(['no DMA reaches a frame that was freed']);
    expect(everyRun).toBe(true);
    expect(names).toContainEqual({ thing: 'page', per: null, name: '0x10000', model: 'page0' });
  });

  test('the steps of such a run', async () => {
    const { verdict, violated, trace } = await judge('racing-unmap-steps.jsonl');
    expect(verdict).toBe('valid');
    expect(violated).toEqual([{ property: 'no DMA reaches a frame that was freed', after: trace.steps.length }]);
    expect((await judge('racing-unmap-steps.jsonl', 'fixed')).verdict).toBe('invalid');
  });
});
