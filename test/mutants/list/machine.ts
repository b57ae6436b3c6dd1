/** Mistakes in what is said of a machine on its own, and in what is left open or bounded. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const CHECK = ['test/machine/check-machine.test.ts'];
const OPEN = ['test/machine/open-machine.test.ts'];
const CONSTRAINT = ['test/explore/constraint.test.ts', 'test/system/semantics.test.ts'];

export const machine: readonly Mutant[] = [
  ...mutantsOf('src/machine/dead-ends.ts', CHECK, {
    'a step back to its state leads on': ["if (next !== number) leads = 'on';", "if (next >= 0) leads = 'on';"],
    'the end of a machine is a dead end': ["this.#snapshotAt(number).status !== 'active'", 'false'],
    'what is outside a constraint is a dead end': [
      'outside.has(this.states.at(number)[slot]!) || ',
      '',
      { tests: ['test/explore/constraint.test.ts'] },
    ],
  }),
  ...mutantsOf('src/machine/findings.ts', CHECK, {
    'what was not reached is proven unreachable': ['if (!coverage.complete)', 'if (false)'],
    'states within an unreachable one are told': ['(parent === null || !paths.includes(parent))', 'true'],
  }),
  ...mutantsOf('src/machine/system-of.ts', CHECK, {
    'a type that is given comes without a payload as well': [
      '!isWildcard(type) && !isGiven(type) &&',
      '!isWildcard(type) &&',
    ],
    'what a machine raises for itself is a choice': [
      'descriptors.filter((type) => raised.has(type) && !isGiven(type))',
      '[] as string[]',
    ],
  }),
  ...mutantsOf('src/tabulate/open-guards.ts', OPEN, {
    'an open guard goes one way': ['for (const answer of [false, true])', 'for (const answer of [true])'],
    'the machine sees the answers': ['return run(withoutAnswers(event));', 'return run(event);'],
    'parameters make no difference': [
      'this.#answer(params === undefined ? name : keyOf(name, params))',
      'this.#answer(name)',
    ],
  }),
  ...mutantsOf('src/tabulate/tables.ts', CONSTRAINT, {
    'a constraint keeps nobody from anything': ['if (!constraint || state', 'if (constraint || state'],
    'a state outside a constraint is a deadlock': [' || outside.has(local)) return true;', ') return true;'],
  }),
  ...mutantsOf('src/explore/constrained.ts', CONSTRAINT, {
    'nothing is behind a constraint': ['outside.size > 0', 'outside.size > 9'],
  }),
];
