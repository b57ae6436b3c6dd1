/** Mistakes in stress runs. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const TRANSACTION = ['test/stress/transaction.test.ts'];
const EPISODES = ['test/stress/episodes.test.ts'];
const FINDINGS = ['test/stress/findings.test.ts'];
const MIX = ['test/stress/mix.test.ts'];

export const stress: readonly Mutant[] = [
  ...mutantsOf('src/stress/transaction.ts', TRANSACTION, {
    'what was only read is not looked at again': [
      'isValid = isMine || Atomics.load(memory, addresses[slot]!) === versions[slot];',
      'isValid = true;',
    ],
    'a step that is given up keeps its locks': [
      'for (let i = 0; i < locked; i++) Atomics.store(memory, addresses[order[i]!]!, versions[order[i]!]!);',
      '',
    ],
    'locks are taken in any order': [
      'while (place > 0 && addresses[order[place - 1]!]! > addresses[slot]!) order[place] = order[--place]!;',
      '',
    ],
    'a slot that another thread is changing is read': [
      'if ((version & 1) !== 0 || memory[address] !== version) {',
      'if (memory[address] !== version) {',
    ],
    'a slot is touched twice': [
      'if (addresses[likely] === address) return likely;',
      '',
      { survives: 'a look that saves going through all slots, which comes to the same' },
    ],
    'a step that breaks off changes something': [
      'for (let slot = 0; slot < count && !breaksOff; slot++) {',
      'for (let slot = 0; slot < count; slot++) {',
    ],
    'versions stay as they were': [
      'Atomics.store(memory, address, this.#version[slot]! + 2);',
      'Atomics.store(memory, address, this.#version[slot]!);',
    ],
    'what is noted is never so any more': ['return count > 0;', 'return false;'],
    'nothing noted is as noted': ['return count > 0;', 'return true;'],
    'a look at the phase is left out between': [
      'if (Atomics.load(memory, this.#base + PHASE) !== this.phase) {',
      'if (Atomics.load(memory, this.#base + PHASE) === -1) {',
    ],
    'a slot that the step has changed is where it was': ['this.isDirty[slot] === 1 ? -1 : address', 'address'],
    'a step alone is looked at like any other': [
      'isValid && !isAlone && slot < count',
      'isValid && slot < count',
      { survives: 'only saves work: what is looked at again has not changed' },
    ],
  }),
  ...mutantsOf('src/stress/unit-runner.ts', MIX, {
    'nobody is starved': [
      "else if (mix === 'starvation' && this.#ranks[at]! < STARVED &&",
      "else if (mix === 'starvation' && this.#ranks[at]! < 0 &&",
    ],
    'there are no bursts': ["if (mix === 'bursts' && last >= 0 &&", "if (mix === 'bursts' && last >= 999 &&"],
    'nobody has priority': [
      "let at = mix === 'priorities' ? this.#order[tries % count]! :",
      "let at = mix === 'priorities' ? this.#order[(first + tries) % count]! :",
    ],
    'a storm is a calm': ["const pressure = mix === 'storm' ? 1 :", "const pressure = mix === 'storm' ? -1 :"],
    'what a thread found is not told': [
      'if (outcome === FOUND) this.#report(unit);\n    const done',
      'const done',
      { tests: FINDINGS },
    ],
    'an episode has no end': [
      'if (left <= 0) {',
      'if (left <= -999_999) {',
      { survives: 'no step is taken then, which ends it as well' },
    ],
  }),
  ...mutantsOf('src/stress/episodes.ts', EPISODES, {
    'the books are not looked at': [
      'const finding = this.#imbalance();',
      'const finding = 0 * this.#imbalance();',
      { tests: [...EPISODES, ...FINDINGS] },
    ],
    'a hot monitor is no matter': [
      'return hot === undefined ? 0 : FIRST_MONITOR + hot;',
      'return 0;',
      { tests: [...EPISODES, ...FINDINGS] },
    ],
    'a dead end is one that is not quiet': [
      'this.#stop(DEAD_END)',
      'this.#stop(NOT_QUIET)',
      { tests: [...EPISODES, ...FINDINGS] },
    ],
    'deadlocks are no matter': [
      'if (!this.#job.deadlockIsViolation) return DONE;',
      'if (this.#job !== undefined) return DONE;',
      { tests: [...EPISODES, ...FINDINGS] },
    ],
  }),
];
