/** Mistakes in what is said of logs. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const EVENTS = ['test/validate/events.test.ts'];
const LOG = ['test/validate/log.test.ts'];
const STEPS = ['test/validate/steps.test.ts'];

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
    'microseconds are milliseconds': [
      'skewMicroseconds / 1e6',
      'skewMicroseconds / 1e3',
      { tests: ['test/validate/order.test.ts'] },
    ],
  }),
  ...mutantsOf('src/validate/events.ts', EVENTS, {
    'a log may end within any step': [
      'this.#found ??= this.#withinStep;\n    if (this.#found) {',
      'this.#found ??= this.#withinStep ?? this.#violatingWithinStep;\n    if (this.#found) {',
      { only: 'the best one is told' },
    ],
    'a run that violates something is better than a log that ends within a step': [
      'this.#found ??= this.#withinStep;\n    if (this.#found) {',
      'if (this.#found) {',
      { only: 'the best one is told' },
    ],
    'a run that violates something may end within a step when another one need not': [
      'this.#found = this.#deadEnd;\n    if (this.#found) return false;',
      'this.#found = this.#deadEnd ?? this.#violatingWithinStep;\n    if (this.#found) return false;',
      { only: 'the best one is told' },
    ],
    'a run that ends where nothing can follow is as good as one that goes on': [
      'if (rank !== VIOLATING && this.#isBadEnd(state)) this.#deadEnd ??= candidate;\n      else [',
      '[',
      { only: 'the best one is told' },
    ],
    'within a step nothing is violated': [
      'const isClean = rank !== VIOLATING && this.#safety.isClean(step.state);',
      'const isClean = rank !== VIOLATING;',
      { only: 'the best one is told' },
    ],
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
    'a log that ends within a step does not end where nothing can follow': [
      'if (this.#isBadEnd(step.state)) this.#violatingWithinStep ??= candidate;\n        else ',
      '',
      { only: 'the best one is told' },
    ],
    'twins are never tried': [
      'const rank = this.#waiting[FIRST].isEmpty ? TWIN : FIRST;',
      'const rank = FIRST;',
      { only: 'first one would not do' },
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
    'any event is as good': [
      'if (shown.type !== wanted.type) return CONTRADICTION;',
      'if (shown.type === undefined) return CONTRADICTION;',
      { only: 'it says the same' },
    ],
    'a name may be anything': [
      "if (typeof value === 'string' || typeof value === 'number') return String(value);",
      'return String(value);',
    ],
  }),
  ...mutantsOf('src/validate/turns.ts', EVENTS, {
    'no turn is kept': [
      'if (before === after) return true;',
      'if (before !== after) return true;',
      { survives: 'turns only say what is tried first; nothing is left out by them' },
    ],
  }),
  ...mutantsOf('src/validate/configurations.ts', ['test/validate/configurations.test.ts'], {
    'bindings do not tell configurations apart': ['this.#words.data[base + this.#slots + 1] = binding;', ''],
    'depths stay at one': [
      'this.#origins.push(parent < 0 ? 0 : this.depthOf(parent) + 1);',
      'this.#origins.push(parent < 0 ? 0 : 1);',
    ],
    'what was known is forgotten when the table grows': [
      'for (let number = 0; number < this.count; number++) {',
      'for (let number = 0; number < 0; number++) {',
    ],
  }),
  ...mutantsOf('src/validate/steps.ts', STEPS, {
    'a failing step may stand anywhere': [
      'if (!failing || !isLast || keys',
      'if (!failing || keys',
      { only: 'when the log goes on' },
    ],
    'channels are no part of a step': [
      'return this.#number({ ...what, timer: timer?.id, channel, place });',
      'return this.#number({ ...what, timer: timer?.id, place });',
    ],
    'steps of one message are one': ['const key = (message * 4 + kind) * (this', 'const key = (message * 4) * (this'],
  }),
  ...mutantsOf('src/validate/log.ts', LOG, {
    'numbers may stay as they are': [
      'if (seq !== undefined && seq <= last) {',
      'if (seq !== undefined && seq < last) {',
    ],
    'any version will do': ['if (document.version !== LOG_VERSION) {', 'if (document.version === undefined) {'],
    'long lines are read': ['if (text.length > LINE_MAX) {', 'if (text.length < 0) {'],
    'lines are counted without the empty ones': [
      'number++;\n    if (line',
      "if (line.trim() !== '') number++;\n    if (line",
    ],
    'an infinite number is null': [
      "return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;\n  });\n}",
      'return item;\n  });\n}',
    ],
    'a cut line is any line': ['isCut: end < 0', 'isCut: end > 0'],
  }),
  ...mutantsOf('src/validate/validate.ts', STEPS, {
    'what is undone at the end is left out': [
      'const violated = [...along, ...undone.map((property) => ({ property, after: path.steps.length }))];',
      'const violated = [...along];\n  void undone;',
      { tests: EVENTS, only: 'the best one is told' },
    ],
  }),
];
