/** Every variant of the catalogue gives what it should at its default size, and the sizes that hold have pinned counts. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import type { Expectation } from '../../src/system/scenario.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';

/** States and steps of what holds: they change only when a machine or the semantics does, and then somebody should look. */
const COUNTS: Readonly<Record<string, readonly [states: number, steps: number]>> = {
  'pri-overflow fixed': [1_553_440, 5_435_616],
  'pri-overflow drain': [529_888, 1_702_880],
  'partial-fallthrough fixed': [5_760, 12_928],
  'partial-fallthrough refused': [3_376, 6_464],
  'racing-unmap fixed': [29_682, 103_748],
  'racing-unmap put-early': [29_138, 100_396],
  'atc-before-tlb fixed': [1_328_632, 8_044_976],
  'flush-deadlock fixed': [54_560, 209_660],
  'flush-deadlock two-locks': [54_560, 209_660],
  'group-owners fixed': [143_848, 518_560],
  'group-owners removal-leaves-groups': [143_848, 518_560],
  'group-owners answer-first': [101_664, 364_672],
  'removal-before-drain fixed': [271, 594],
  'group-on-stack fixed': [63, 108],
  'removal-before-flush fixed': [65, 131],
  'reused-cookie fixed': [343, 808],
  'slow-reader fixed': [6_526, 18_165],
  'unacknowledged-overflow fixed': [261, 608],
  'stale-readonly-entry fixed': [1_619, 4_393],
  'stale-readonly-entry broadcast': [1_074, 3_064],
  'identical-fault-loop fixed': [403, 956],
  'short-unmap fixed': [262, 621],
  'detach-deadlock fixed': [151, 342],
  'device-vanishes fixed': [1_884, 4_664],
  'device-vanishes drain': [779, 1_775],
  'stop-marker fixed': [5_150, 13_315],
  'nobody-answers fixed': [58, 112],
  'nobody-answers queue-first': [63, 128],
  'nobody-answers driver-answers': [58, 112],
  'pasid-freed-at-exit fixed': [44, 72],
  'pasid-freed-at-exit freed-at-unbind': [44, 72],
  'unbind-without-drain fixed': [313, 732],
  'unbind-without-drain device-waits': [113, 236],
  'flush-until-empty fixed': [24_712, 70_472],
  'two-overflow-readers fixed': [22_256, 62_136],
  'two-overflow-readers alone': [2_792, 6_096],
  'read-loop fixed': [1_662, 5_216],
  'iopf-timeout fixed': [1_440, 4_736],
  'iopf-timeout host-timer-v6.9': [14_752, 57_488],
  'retry-livelock fixed': [43, 76],
  'two-answers fixed': [380, 845],
  'surviving-partial fixed': [554, 1_370],
  'replace-window fixed': [238, 500],
  'replace-window reference': [220, 456],
  'missing-interrupt fixed': [306, 577],
  'missing-interrupt looks-once': [8_230, 21_548],
  'undrained-pasid fixed': [679, 1_417],
  'growing-count fixed': [13, 21],
  'growing-page-table fixed': [23_542, 48_438],
  'growing-page-table one-word': [9_058, 18_997],
  'mmput-in-notifier fixed': [93, 229],
  'mmput-in-notifier mmput-async': [195, 494],
  'faults-before-link fixed': [138, 305],
  'wrong-hwpt fixed': [3_936, 13_986],
  'wrong-hwpt one-queue': [1_248, 3_594],
  'unmapped-in-use fixed': [26, 72],
  'unmapped-in-use fixed-strict': [17, 50],
  'dining-philosophers left-handed': [2_187, 10_206],
  'dining-philosophers all-states': [2_186, 10_199],
  'two-phase-commit fixed': [8_832, 37_345],
  'peterson fixed': [20, 34],
  'ping-pong reliable': [11, 10],
  'ping-pong lossy': [4_094, 22_527],
  'alternating-bit fixed': [240, 1_056],
  'alternating-bit oldest-only': [216, 900],
  'message-set-commit fixed': [288, 1_145],
  'bounded-fifo fixed': [144, 256],
  'optimistic-commit fixed': [42_505, 108_878],
  'optimistic-commit waiting': [45_000, 114_154],
  'lock-free-set fixed': [1_375, 2_474],
};

/** The same where the system declares what is interchangeable, with one state of each orbit. */
const REDUCED: Readonly<Record<string, readonly [states: number, steps: number]>> = {
  'pri-overflow fixed': [493_640, 1_711_608],
  'pri-overflow drain': [177_864, 558_552],
  'racing-unmap fixed': [7_450, 26_098],
  'racing-unmap put-early': [7_314, 25_260],
  'short-unmap fixed': [135, 322],
  'atc-before-tlb fixed': [664_341, 4_022_638],
  'flush-deadlock fixed': [9_235, 35_271],
  'flush-deadlock two-locks': [9_235, 35_271],
  'group-owners fixed': [37_972, 138_565],
  'group-owners removal-leaves-groups': [37_972, 138_565],
  'group-owners answer-first': [26_868, 97_621],
  'slow-reader fixed': [3_464, 9_735],
  'reused-cookie fixed': [179, 419],
  'stop-marker fixed': [3_937, 9_902],
  'two-phase-commit fixed': [314, 1_332],
  'message-set-commit fixed': [80, 317],
};

/** What the historic race needs, as steps that its shortest trace must contain in this order. */
const RACES: Readonly<Record<string, readonly RegExp[]>> = {
  // The last request is answered by the SMMU, the overflow is acknowledged, and the index is used again.
  'pri-overflow no-discard': [/^dev0-prg0\.RUN/, /^priqThread\.RUN/, /^dev0-prg0\.RUN/, /^priqThread\.RUN/],
  // Reclaim of the page, between getting it and mapping it.
  'racing-unmap no-lock-over-gup': [/^handler\.RUN/, /^kswapd\.RECLAIM/, /^handler\.RUN/],
  // Reclaim has the page's lock before the handler asks for the page.
  'racing-unmap lock-over-gup': [/^vcpu\.TOUCH/, /^handler\.RUN/, /^kswapd\.RUN/],
  // The page is read, then it becomes writable, and then it is written.
  'stale-readonly-entry no-flush': [/^cpu\.STORE/, /^dev0\.DMA/],
  // The page is mapped, then comes a device with a domain of its own, and asks for it.
  'identical-fault-loop no-replay': [
    /^handler\.RUN/,
    /^group1\.RUN/,
    /^guest\.POST_DMA\(device=group1/,
    /^handler\.RUN/,
  ],
  // A fault and an unmap, while there is no memory to split the block.
  'short-unmap split': [/^handler\.RUN/, /^iopte0\.MEMORY_SHORT/, /^notifier\.RUN/, /^kswapd\.RUN/],
  // Each has one lock and wants the other.
  'detach-deadlock under-lock': [/^evtqThread\.RUN/, /^detach\.RUN/],
  // The device gives up, and the late answer meets its next request.
  'iopf-timeout index-reused': [/^dma0\.DMA/, /^dma0\.timer/, /^dma0\.DMA/, /^worker0\.RUN/],
  // The stall is recorded, the process unbinds, and only then the record is handled.
  'nobody-answers nobody-answers': [/^user0\.POST_DMA/, /^user0\.UNBIND/, /^user0\.RUN/, /^evtqThread\.RUN/],
  'unbind-without-drain no-drain': [/^user0\.UNBIND/, /^user1\.BIND/, /^evtqThread\.RUN/, /^worker0\.RUN/],
  'unbind-without-drain no-flush': [/^evtqThread\.RUN/, /^user0\.UNBIND/, /^user1\.BIND/],
  'unbind-without-drain no-sync': [/^worker0\.RUN/, /^user1\.BIND/, /^commands/],
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
  'undrained-pasid empty-log': [/^irq\.RUN/, /^driver\.UNBIND/, /^driver\.RUN/, /^irq\.RUN/],
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
        expect([result.states, result.steps], `${key}: pin the counts in COUNTS`).toEqual(
          (symmetry ? REDUCED : COUNTS)[key],
        );
        expect(result.properties.every(({ status }) => status === 'holds' || status === 'witnessed')).toBe(true);
        return;
      }
      const labels = result.path ? traceOf(result.tables, result.path).steps.map(labelOf) : [];
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
