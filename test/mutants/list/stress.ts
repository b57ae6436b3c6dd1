/** Mistakes in stress runs. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const TRANSACTION = ['test/stress/transaction.test.ts'];
const EPISODES = ['test/stress/episodes.test.ts'];
const FINDINGS = ['test/stress/findings.test.ts'];
const MIX = ['test/stress/mix.test.ts'];
const RANDOM = ['test/stress/random.test.ts'];
const COMPLETENESS = ['test/stress/completeness.test.ts'];

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
    'the log of the last episode stays': [
      'log.fill(0, unit * episode * LOG_WORDS, (unit * episode + steps) * LOG_WORDS);',
      '',
      { only: 'the next episode' },
    ],
    'counters go on from the last episode': [
      'memory.fill(0, base + layout.counters, base + layout.unitWords);',
      '',
      { only: 'the next episode' },
    ],
    'a unit keeps its state': [
      'memory[at + STATE] = initial[kind] ?? 0;\n        if',
      'if',
      { tests: [...EPISODES, 'test/stress/agreement.test.ts'] },
    ],
    'versions do not change at the start': ['Atomics.add(memory, at + VERSION, 2);', '', { only: 'the next episode' }],
    'what the last episode touched counts as touched by the next one': [
      'memory[base + TOUCHED_COUNT] = 0;',
      '',
      { only: 'nothing is found in' },
    ],
    'who was idle stays so': ['memory[base + IDLE_AT] = -1;', ''],
  }),
  ...mutantsOf('src/stress/judge.ts', FINDINGS, {
    'monitors are not looked at': ['if (this.#sort[kind] !== MONITOR) continue;', 'continue;'],
    'the last of several violations is told': [
      'if (this.#rank[kind]! < rank) {',
      'if (this.#rank[kind]! < rank || rank < 0) {',
      { survives: 'ranks are never negative: the one that must survive' },
    ],
    'predicates are not looked at': ['mask |= this.#predicatesOf[kind]!;', ''],
  }),
  ...mutantsOf('src/stress/runtime.ts', COMPLETENESS, {
    'a full channel drops': [
      'if (!dropsWhenFull) this.#transaction.outcome = DISABLED;\n      return dropsWhenFull;',
      'return true;',
      { only: 'over a channel' },
    ],
    'a duplicate leaves the channel': [
      'if (how !== DUPLICATION) this.#remove(slot, place);\n    return this.#run(how, kind, message, from);\n  }\n\n  /** Runs a step that is given',
      'this.#remove(slot, place);\n    return this.#run(how, kind, message, from);\n  }\n\n  /** Runs a step that is given',
      { only: 'over a channel' },
    ],
    'the first message of a bag always leaves first': [
      'const place = this.#isOnly ? 0 : pick % length;',
      'const place = 0;',
      { tests: EPISODES, only: 'lets one message overtake' },
    ],
    'a finding does not stop the unit': [
      'if (finding !== 0) this.unit.stopAt(number, finding, this.#transaction.phase);',
      '',
      { tests: FINDINGS },
    ],
    'monitors see nothing': [
      'if (observers !== 0 && !this.#observe(observers, from)) return false;',
      '',
      { tests: FINDINGS },
    ],
  }),
  ...mutantsOf('src/stress/starters.ts', COMPLETENESS, {
    'nothing is lost or doubled': [
      'const how = !odd ? DELIVERY :',
      'const how = odd || !odd ? DELIVERY :',
      { only: 'over a channel' },
    ],
    'one try of a starter is enough': [
      'while ((outcome === DISABLED || outcome === CONFLICT) && ++tries < runtime.offered);',
      'while (outcome === CONFLICT && ++tries < runtime.offered);',
      { tests: EPISODES },
    ],
  }),
  ...mutantsOf('src/stress/recent-things.ts', [...COMPLETENESS], {
    'only things of lately are drawn': [
      'if (count === 0 || this.#random.below(8) === 0) return',
      'if (count === 0) return',
      { tests: COMPLETENESS, only: 'with two pages' },
    ],
    'a choice may name one thing twice': [
      'for (let i = from; i < to; i++) isFree &&= stack[i] !== thing;',
      '',
      { tests: COMPLETENESS, survives: 'no choice of a scenario names two new things' },
    ],
  }),
  ...mutantsOf('src/stress/records.ts', EPISODES, {
    'a log goes on into the next unit': [
      'if (number >= this.#episode) return;',
      '',
      { only: 'the log of the next unit' },
    ],
  }),
  ...mutantsOf('src/stress/unit-runner.ts', RANDOM, {
    'all threads draw the same': ['new Random(job.seed, job.thread)', 'new Random(job.seed)'],
    'the seed chooses no steps': ['new Random(job.seed, job.thread)', 'new Random(job.thread)'],
  }),
  ...mutantsOf('src/tabulate/random.ts', RANDOM, {
    'a seed is like the next': [
      'for (const seed of seeds) hash = mixed(hash ^ seed);',
      'for (const seed of seeds) hash = mixed(hash ^ (seed & 0));',
    ],
  }),
];
