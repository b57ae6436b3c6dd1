/** Every variant of the catalogue gives what it should at its default size: verdict, property, and the counts that are pinned beside it. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import type { Expectation } from '../../src/system/scenario.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';

/** What the historic race needs, as steps that its shortest trace must contain in this order. */
const RACES: Readonly<Record<string, readonly RegExp[]>> = {
  // The last request is answered by the SMMU, the overflow is acknowledged, and the index is used again.
  'pri-overflow no-discard': [/^dev0-prg0\.RUN/, /^priqThread\.RUN/, /^dev0-prg0\.RUN/, /^priqThread\.RUN/],
  // Reclaim of the page, between getting it and mapping it.
  'racing-unmap no-lock-over-gup': [/^handler\.RUN/, /^kswapd\.RECLAIM/, /^handler\.RUN/],
  // Reclaim has the page's lock before the handler asks for the page.
  'racing-unmap lock-over-gup': [/^vcpu\.TOUCH/, /^handler\.RUN/],
  // The page is read, then it becomes writable, and then it is written.
  'stale-readonly-entry no-flush': [/^cpu\.STORE/, /^dev0\.DMA/],
  // The page is mapped, then comes a device with a domain of its own, and asks for it.
  'identical-fault-loop no-replay': [
    /^handler\.RUN/,
    /^group1\.RUN/,
    /^guest\.POST_DMA\(device=group1/,
    /^handler\.RUN/,
  ],
  // A fault and an unmap, while there is no memory to split the block. Which of several shortest traces is told is no promise.
  'short-unmap split': [/^handler\.RUN/, /^iopte0\.MEMORY_SHORT/, /^(notifier|kswapd)\.RUN/],
  // Each has one lock and wants the other.
  'detach-deadlock under-lock': [/^(evtqThread|detach)\.RUN/, /^(evtqThread|detach)\.RUN/],
  // The device gives up, and the late answer meets its next request.
  'iopf-timeout index-reused': [/^dma0\.DMA/, /^dma0\.timer/, /^dma0\.DMA/, /^worker0\.RUN/],
  // The stall is recorded, the process unbinds, and only then the record is handled.
  'nobody-answers nobody-answers': [/^user0\.POST_DMA/, /^user0\.UNBIND/, /^user0\.RUN/, /^evtqThread\.RUN/],
  'unbind-without-drain no-drain': [/^user\d\.UNBIND/, /^user\d\.BIND/, /^evtqThread\.RUN/, /^worker0\.RUN/],
  'unbind-without-drain no-flush': [/^evtqThread\.RUN/, /^user\d\.RUN/, /^user\d\.BIND/],
  'unbind-without-drain no-sync': [/^worker0\.RUN/, /^user\d\.BIND/, /^commands/],
  // Release comes after the look-up, and ends before the report.
  'device-vanishes no-lock': [/^irq\.RUN/, /^irq\.RUN/, /^removal\.RUN/, /^irq\.RUN/],
  // The flush reads PROD before the thread, which acknowledges; and the index is used again.
  'two-overflow-readers two-readers': [
    /^dev0-prg0\.RUN/,
    /^flush0\.RUN/,
    /^priqThread\.RUN/,
    /^dev0-prg0\.RUN/,
    /^priqThread\.RUN/,
  ],
  // The flush begins when a batch is nearly done.
  'flush-until-empty one-batch': [/^dev0\.REQUEST/, /^flush\.RUN/, /^priqThread\.RUN/, /^flush\.RUN/],
  // The request is let in by the new table, and finds the old handle, which is freed before it is used.
  'replace-window window': [/^ioctl\.REPLACE/, /^dev0\.POST/, /^irq\.RUN/, /^ioctl\.RUN/, /^irq\.RUN/],
  // The entry is in hand when the log is empty.
  'undrained-pasid empty-log': [/^irq\.RUN/, /^driver\.RUN/, /^irq\.RUN/],
  // The last request is refused between the two attachments, and another group follows.
  'surviving-partial compares-only': [/^ioctl\.DETACH/, /^dev0\.POST.*last=true/, /^ioctl\.ATTACH/, /^dev0\.POST/],
  'missing-interrupt stale-bit': [/^dev0\.POST/, /^boot\.TAKE_OVER/, /^dev0\.POST/],
  // The process drops its user while the callback has one.
  'mmput-in-notifier mmput-in-callback': [/^onCompaction0\.RUN/, /^process\.EXIT/, /^onCompaction0\.RUN/, /^exit\.RUN/],
  // Faults are on, and one comes.
  'faults-before-link link-last': [/^vfio\.RUN/, /^evtqThread\.RUN/, /^handler\.RUN/],
  // No room for the command; the memory goes, and then a frame arrives.
  'unmapped-in-use unmaps-anyway': [/^tid\d\.DELETE_TID/, /^tid\d\.DELETE_TID/, /^tid\d\.RUN/, /^reo\.RECEIVE/],
  // Between the number and the lock, and between the check and the number.
  'optimistic-commit number-before-locks': [/^thread2\.RUN/, /^thread0\.RUN/, /^thread2\.RUN/],
  'optimistic-commit number-after-validation': [/^thread0\.RUN/, /^thread2\.RUN/, /^thread0\.RUN/],
};

/** What may be violated first. */
function wanted(expected: Expectation): readonly (string | undefined)[] {
  if (expected.verdict === 'holds') return [undefined];
  return 'properties' in expected ? expected.properties : [expected.property];
}

for (const scenario of catalogue) {
  describe(scenario.name, () => {
    const parameters = scenario.parameters.parse({});

    const rows = Object.entries(scenario.variants).flatMap(([variant, { expected }]) => {
      const isSymmetric = scenario.build(parameters, variant).symmetry.length > 0;
      return (isSymmetric ? [true, false] : [false]).map((symmetry) => ({ variant, expected, symmetry }));
    });
    test.each(rows)('$variant, symmetry: $symmetry', async ({ variant, expected, symmetry }) => {
      const result = await check(scenario.build(parameters, variant), { symmetry });
      const key = `${scenario.name} ${variant}`;
      expect(result.error?.message).toBeUndefined();
      expect(result.reductions.some(({ used }) => used)).toBe(symmetry);
      expect(result.verdict).toBe(expected.verdict);
      expect(wanted(expected)).toContain(result.property);
      expect(result.hollow.map(({ text }) => text)).toEqual([]);
      if (expected.verdict === 'holds') {
        expect([result.states, result.steps], `${key}: pin them beside the variant`).toEqual(
          symmetry ? expected.reduced : expected.counts,
        );
        expect(result.properties.every(({ status }) => status === 'holds' || status === 'witnessed')).toBe(true);
        return;
      }
      const trace = result.path && traceOf(result.tables, result.path);
      const labels = trace?.steps.map(labelOf) ?? [];
      // A run that violates progress need not be the shortest.
      const isShortest = trace && trace.cycleStart === undefined && trace.stops === undefined;
      if (isShortest) expect(labels.length, `${key}: pin it beside the variant`).toBe(expected.length);
      let from = 0;
      for (const wanted of RACES[key] ?? []) {
        const at = labels.findIndex((label, index) => index >= from && wanted.test(label));
        expect(at, `${wanted} in ${labels.slice(from).join(', ')}`).toBeGreaterThanOrEqual(0);
        from = at + 1;
      }
    });

    test('has a fixed variant that holds, and a faulty one', () => {
      const verdicts = Object.values(scenario.variants).map(({ expected }) => expected.verdict);
      expect(verdicts).toContain('holds');
      expect(verdicts).toContain('violated');
    });
  });
}
