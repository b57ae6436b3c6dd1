/** Mistakes in simulations. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const PARTS = ['test/simulate/parts.test.ts'];
const KEEPING = ['test/simulate/semantics.test.ts', 'test/simulate/keeping.test.ts'];
const TIMELINE = ['test/simulate/timeline.test.ts'];
const STUDY = ['test/simulate/study.test.ts'];
const LIFTED = ['test/simulate/lifted-agreement.test.ts'];

export const simulate: readonly Mutant[] = [
  ...mutantsOf('src/simulate/time-weighted.ts', PARTS, {
    'a quantile is that of the bucket before': ['if (seen >= rank) {', 'if (seen > rank) {'],
    'quantiles keep what was before the warm-up': ['this.#buckets.fill(0);', ''],
    'a quantile is above the most': ['return Math.min(this.max, upper * (1 - ACCURACY));', 'return upper;'],
  }),
  ...mutantsOf('src/simulate/work.ts', KEEPING, {
    'a unit is kept for whoever comes next': [
      'resource === this.#atHand && performer === this.#atHandOf',
      'resource === this.#atHand',
    ],
    'a unit that nobody goes on with is lost': [
      'this.#atHand = NONE;\n    this.giveBack(resource);',
      'this.#atHand = NONE;',
    ],
  }),
  ...mutantsOf('src/simulate/holdings.ts', KEEPING, {
    'a unit is kept in any state': ['unit === undefined || (unit & KEPT) === 0 || this.#isIn(resource, actor)', 'true'],
    'a unit is kept in no state': ['this.#terms[resource] === undefined || !this.#isIn(resource, actor)', 'true'],
    'a second unit is kept beside the first': [
      'return unit === undefined;\n  }\n\n  /** The step',
      'return true;\n  }\n\n  /** The step',
    ],
  }),
  ...mutantsOf('src/simulate/breakdown.ts', TIMELINE, {
    'any step at that moment is what enabled another': ['if (isOfIt) return before;', 'return before;'],
    'a passage begins with its first segment': ['Math.max(from, start), to });', 'from, to });'],
    'times without an end are kept': ['begun.get(name())?.pop();', ''],
  }),
  ...mutantsOf('src/simulate/chrome-trace.ts', TIMELINE, {
    'choices that race lie on one line': [
      'lanes.find((one) => one.end <= from)',
      'lanes.find((one) => one.end <= Number.POSITIVE_INFINITY)',
    ],
    'times are those of the timing section': [
      'const at = (time: number) => time * perUnit;',
      'const at = (time: number) => time;',
    ],
  }),
  ...mutantsOf('src/simulate/step-times.ts', TIMELINE, {
    'work ends when its step happens': ['this.#times[this.#length - TIME_WORDS + ENDED] = until;', ''],
  }),
  ...mutantsOf('src/simulate/run-study.ts', STUDY, {
    'a number may be none': ["typeof value !== 'number' || Number.isNaN(value)", "typeof value !== 'number'"],
    'work may go on for ever': ["if (run.ended === 'steps') throw endless(run);", ''],
    'an error does not say at which point it was': ['throw ofPoint(error, point);', 'throw error;'],
  }),
  ...mutantsOf('src/simulate/lifted-steps.ts', LIFTED, {
    'members of one thing do not look at each other': [
      'for (const base of this.#lists.siblings[kind]!) starters.lookAt(base + member);',
      '',
    ],
  }),
];
