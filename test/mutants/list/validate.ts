/** Mistakes in what is said of logs. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const EVENTS = ['test/validate/events.test.ts'];

export const validate: readonly Mutant[] = [
  ...mutantsOf('src/validate/bindings.ts', EVENTS, {
    'two names may stand for one thing': [
      'this.#groupOf(real).some((other) => bound[other] === id)',
      'this.#groupOf(real).some((other) => bound[other] === id && other === real)',
      { only: 'two things, or two names' },
    ],
    'a name may stand for two things': [
      'return bound[real] === id ? binding : CONTRADICTION;',
      'return binding;',
      { only: 'two things, or two names' },
    ],
    'what the header fixes is forgotten': [
      'this.#bindings[AT_FIRST]!.push(this.#fixed[kind]?.get(name));',
      'this.#bindings[AT_FIRST]!.push(undefined);',
      { only: 'header fixes' },
    ],
  }),
  ...mutantsOf('src/validate/order.ts', EVENTS, {
    'a skew is none': ['ts <= earliest + this.#skew', 'ts <= earliest', { only: 'with as much skew' }],
    'a skew is without bound': [
      'ts <= earliest + this.#skew',
      'ts >= earliest',
      { only: 'skew|mix up|order of the file' },
    ],
    'times of a CPU may go back': ['if (last && ts < last.ts) {', 'if (last && ts < 0) {', { only: 'do not go back' }],
  }),
  ...mutantsOf('src/validate/events.ts', EVENTS, {
    'runs that violate something are as good': [
      'const rank = this.#safety.isClean(state) ? from.rank : VIOLATING;',
      'const rank = from.rank;',
      { only: 'every run does so|is avoided' },
    ],
    'every run violates what one does': [
      'everyRun: found !== undefined && !isClean && bound === null,',
      'everyRun: found !== undefined,',
      { only: 'every run does so|is avoided' },
    ],
    'a bound is a refusal': [
      "const verdict = found ? 'valid' : bound ? 'unknown' : 'invalid';",
      "const verdict = found ? 'valid' : 'invalid';",
      { only: 'a bound gives unknown|an interruption' },
    ],
    'the bound on states is ignored': [
      'if (this.#known.count >= this.#maxStates) {',
      'if (this.#known.count >= 1e9) {',
      { only: 'a bound gives unknown' },
    ],
    'the nearest that a run has come is told': [
      'if (size <= this.#farthest) return;',
      'if (size >= this.#farthest) return;',
      { only: 'says where' },
    ],
    'a step may leave out what it shows': [
      'if (at === shown.length) {',
      'if (at === shown.length || at > 0) {',
      { only: 'end within a step|with hidden steps|random' },
    ],
    'unrecorded events are expected': [
      'filter(([name]) => header.observed!.includes(name))',
      'filter(([name]) => name !== undefined)',
      { only: 'only some events' },
    ],
  }),
  ...mutantsOf('src/validate/wanted.ts', EVENTS, {
    'values are not compared': ['if (value.key !== key) return CONTRADICTION;', '', { only: 'because of one value' }],
  }),
];
