/** Mistakes that once went unnoticed: each has a test of its own since. */
import { type Mutant, mutantsOf } from '../mutant.ts';

export const named: readonly Mutant[] = [
  ...mutantsOf('src/explore/search.ts', ['test/explore/threads.test.ts'], {
    'no thread ever works': [
      'if (!order || order.leftOfLevel < min ||',
      'if (!this.done || !order || order.leftOfLevel < min ||',
      { only: 'leaves most of the work' },
    ],
    'no bound on states that threads find': [
      "before[lane]!.length);\n    }\n    if (this.states > this.#limits.states) this.stop('states');",
      'before[lane]!.length);\n    }',
      { only: 'keeps to its bound' },
    ],
    'dead ends that threads find are not looked at': [
      'for (const code of codesOf(deadEnds)) this.#inspector.inspectDeadEnd(code);',
      ';',
      { only: 'a dead end that only they' },
    ],
    'what threads have not come to know is dropped': [
      'this.#expandAlone(expanded.flatMap(({ unknown }) => codesOf(unknown)));',
      ';',
    ],
    'what other threads find is not looked at': [
      'this.#inspector.inspect(suspects[at]!, suspects[at + 1]!);',
      ';',
      { only: 'a violation in a state that only they' },
    ],
    'representatives that threads do not know are dropped': [
      'this.#rows.representatives!.push(left[at]!, left[at + 1]!);',
      ';',
      { only: 'with symmetry' },
    ],
  }),
  ...mutantsOf('src/explore/rows.ts', ['test/explore/threads.test.ts'], {
    'rows are not dealt': ['one.moveRow(row, sets[laneOf(row, lanes)]!);', ';', { only: 'leaves most of the work' }],
  }),
  ...mutantsOf('src/explore/row-inspector.ts', ['test/explore/symmetry-findings.test.ts'], {
    'dead ends of images are not looked at': [
      'for (const image of this.#orbits?.imagesOf(vector) ?? []) {',
      'for (const image of [] as Int32Array[]) {',
    ],
    'failing steps of images are not looked at': [
      'for (const image of this.#orbits?.imagesOf(vector) ?? [vector]) {',
      'for (const image of [vector]) {',
    ],
  }),
  ...mutantsOf('src/explore/dividing.ts', ['test/explore/divided.test.ts'], {
    'the slots are never divided again': [
      'if (costOf(sample, partition) <= PARTITION_GAIN * costOf(sample, current)) {',
      'if (states === 0) {',
    ],
  }),
  ...mutantsOf('src/explore/search.ts', ['test/explore/divided.test.ts'], {
    'states that are found after a division in the middle of a level are expanded twice': [
      'order.giveBack(at);',
      'order.giveBack(order.from);',
    ],
    'numbers outgrow their bits': ['if (this.#rows.parts.isOverflowing) return at;', ''],
  }),
  ...mutantsOf('src/explore/inspector.ts', ['test/explore/hash-compact.test.ts'], {
    'all violations of a state have the same rank': [
      'VIOLATION + violated, state',
      'VIOLATION, state',
      { only: 'declared first' },
    ],
  }),
  ...mutantsOf('src/explore/liveness/fair-components.ts', ['test/explore/liveness/strong.test.ts'], {
    'an early exit although fairness may be strong': [
      'if (!graph.entities.mayBeStrong && at > from &&',
      'if (at > from &&',
    ],
  }),
  ...mutantsOf('src/explore/shorten.ts', ['test/explore/shorten.test.ts'], {
    'a dead end is as good as a state on the way': [
      'goal.property === violated && goal.deadEnd === deadEnd;',
      'goal.property === violated;',
      { only: 'to a dead end does not end' },
    ],
  }),
  ...mutantsOf('src/tabulate/key-order.ts', ['test/tabulate/stepper.test.ts'], {
    'earlier questions are not asked again': [
      'for (const question of [...questions]) this.#compare(variants, question);',
      '',
      { only: 'the order of keys in a context' },
    ],
  }),
  ...mutantsOf('src/tabulate/fairness.ts', ['test/trace/lasso.test.ts'], {
    'strong fairness is as weak fairness in a run': [
      'enabled.some((set) => set.has(entity))',
      'enabled.every((set) => set.has(entity))',
    ],
  }),
  ...mutantsOf('src/tabulate/fairness.ts', ['test/cli/replay.test.ts'], {
    'strong fairness is as weak fairness on the command line': [
      'enabled.some((set) => set.has(entity))',
      'enabled.every((set) => set.has(entity))',
      { only: 'a run without an end' },
    ],
  }),
  ...mutantsOf('src/cli/searchers.ts', ['test/cli/searchers.test.ts'], {
    'other threads get nothing to do': ['take(elsewhere))]);', 'take(search))]);'],
    'what a thread has failed to do is left out': [
      "if (result === undefined || result.bound === 'memory') alone.push(index);",
      "if (result?.bound === 'memory') alone.push(index);\n        else if (result === undefined) return;",
    ],
    'what had no memory beside others is not tried again': [
      "if (result === undefined || result.bound === 'memory') alone.push(index);",
      'if (result === undefined) alone.push(index);',
    ],
    'other threads are not told to stop': ["signal?.addEventListener('abort', stop);", ''],
    'the smallest come first': [
      'stepsOf(jobs[other]!) - stepsOf(jobs[one]!)',
      'stepsOf(jobs[one]!) - stepsOf(jobs[other]!)',
    ],
  }),
  ...mutantsOf('src/cli/run-stress.ts', ['test/cli/stress.test.ts'], {
    'the mix that was asked for does not reach the run': [
      'threads, seed, mix, placement, steps: each',
      "threads, seed, mix: mix && ('all' as const), placement, steps: each",
      { only: 'another mix' },
    ],
  }),
  ...mutantsOf('src/trace/progress.ts', ['test/trace/lasso.test.ts'], {
    'what triggers within a cycle triggers it only once': [
      'states.slice(Math.min(at, cycleStart))',
      'states.slice(at)',
    ],
  }),
  ...mutantsOf('src/trace/agreement.ts', ['test/trace/replay.test.ts'], {
    'monitors are not compared with live ones': ['actorKey(live.monitors[name]!)', 'actorKey(state)'],
  }),
  ...mutantsOf('src/trace/replay.ts', ['test/trace/replay.test.ts'], {
    'of equal steps the first, whatever its index': [
      'at(exact) ?? at(stored) ?? exact[0] ?? stored[0]',
      'exact[0] ?? stored[0]',
    ],
  }),
  ...mutantsOf('src/explain/orders.ts', ['test/explain/hand-made.test.ts'], {
    'implied orders are kept': ['return withoutImplied(runs, base, some);', 'return [...base, ...some];'],
  }),
  ...mutantsOf('src/explain/waits.ts', ['test/explain/hand-made.test.ts'], {
    'waits in channels are left out': [
      'return [...waitsOfActors, ...waitsInChannels];',
      'void waitsInChannels;\n  return [...waitsOfActors];',
    ],
    'waits for messages are left out': ['...messages.map((event) => ({ event, hindrance: null }))', ''],
    'choices that the own state is against are waits': [
      'if (held.length > 0 || messages.length > 0) return held;',
      'if (held.length >= 0) return chosen;',
    ],
    'actors at rest wait, too': ['.filter(({ slot }) => !tables.atRest(slot, state[slot]!))', ''],
  }),
  ...mutantsOf('src/stress/transaction.ts', ['test/stress/transaction.test.ts'], {
    'a commit does not look at the phase': [
      'isValid = Atomics.load(memory, this.#base + PHASE) === this.phase;',
      'isValid = true;',
    ],
  }),
  ...mutantsOf('src/stress/unit-runner.ts', ['test/stress/mix.test.ts'], {
    'the mix is ignored': ["if (mix !== 'all') return mix;", ''],
  }),
];
