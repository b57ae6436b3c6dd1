/** Mistakes in explanations. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const HAND_MADE = ['test/explain/hand-made.test.ts'];
const STOPS = ['test/trace/stops.test.ts'];
const WHY_NOT = ['test/explain/why-not.test.ts'];

export const explain: readonly Mutant[] = [
  ...mutantsOf('src/explain/orders.ts', HAND_MADE, {
    'given orders are races': ['given.refute(late, occurrence);', 'given.refute(occurrence, late);'],
    'orders of any run are needed': ['if (leads[to]) needed.refute(late, occurrence);', ''],
    'a step that is not taken may be needed': ['if (!isTaken(runs, goal, step)) needed.refuteAll(step);', ';'],
    'orders that follow are told': [
      '.filter((second) => !steps.some((between) => this.has(first, between) && this.has(between, second)))',
      '',
    ],
    'what is far apart comes first': ['+ second - first;', '+ first - second;'],
    'that the search was given up is not told': ['areEnough: found !== undefined,', 'areEnough: true,'],
    'orders are enough although a run is stuck': ['if (!goesOn) return false;', ''],
  }),
  ...mutantsOf('src/explain/reorderings.ts', HAND_MADE, {
    'threads may overtake themselves': [
      'if (one.kind !== START || other.kind !== START) return isSame(one, other);\n  return runnerOf',
      'if (one.kind >= 0) return isSame(one, other);\n  return runnerOf',
    ],
    'runs that do not reach the goal are not counted': [
      'all[node] = isGoal || edges[node]!.length === 0 ? 1 : 0;',
      'all[node] = isGoal ? 1 : 0;',
    ],
    'goals are gone beyond': ['if (goals.has(node)) continue;\n    const counts', 'const counts'],
    'any error is the end': [
      "if (goal.kind !== 'error' || goal.code !== code || goal.message !== message) return;",
      "if (goal.kind !== 'error') return;",
    ],
    'a dead end need not be one': [
      'if (goal.isReached(states[node]!) && isDeadEnd(walker, states[node]!)) goals.add(node);',
      'if (goal.isReached(states[node]!)) goals.add(node);',
      { survives: 'a state in which somebody waits for ever has other steps only beside those of the trace' },
    ],
  }),
  ...mutantsOf('src/explain/waits.ts', HAND_MADE, {
    'a guard is nothing to wait for': ["chosen.filter(({ hindrance }) => hindrance?.kind === 'guard')", '[]'],
  }),
  ...mutantsOf('src/explain/staying.ts', STOPS, {
    'a step that is refused now and then could be weakly fair': [
      "isEnabled.includes(false) ? ('strong' as const)",
      "isEnabled.includes(false) ? ('weak' as const)",
    ],
    'a run that stops is nowhere': ['const end = Math.max(cycleStart + 1, steps.length);', 'const end = steps.length;'],
  }),
  ...mutantsOf('src/explain/race.ts', HAND_MADE, {
    'windows are left out': ['if (!between.includes(first)) return order;', 'if (between.length >= 0) return order;'],
    'any two choices enclose a window': [
      'return !enabled.includes(step.message);',
      'return true;',
      {
        tests: ['test/explain/random.test.ts'],
        survives: 'which window is told is a matter of taste: every order is checked by itself',
      },
    ],
  }),
  ...mutantsOf('src/explain/calmest.ts', HAND_MADE, {
    'the first run is as good': [
      'const lowest = Math.min(',
      'const lowest = Math.max(',
      { tests: ['test/explain/random.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explain/false-predicate.ts', HAND_MADE, {
    'it was false from the end on': ['while (since > 0 && judge.value(states[since - 1]!) === false) since--;', ''],
    'all that was read is the reason': ['if (this.#alwaysFalse(last, new Set(without), states)) reason = without;', ''],
    'true is as good as false': ['if (value !== false || this', 'if (value === undefined || this'],
  }),
  ...mutantsOf('src/explain/monitor-drive.ts', HAND_MADE, {
    'what changes nothing drives, too': ['if (next === local) continue;', ''],
    'the monitor stays where it was': ['local = next;', ''],
  }),
  ...mutantsOf('src/explain/hindrance.ts', WHY_NOT, {
    'in a queue nothing is behind': [
      "if (channel.channel.order === 'fifo' && content[0] !== tables.heldAs(channel, message)) {",
      "if (channel.channel.order === 'fifo' && content.length < 0) {",
    ],
    'a refusal is nothing': ["if (kind === 'refused') return", "if (kind === 'lost') return"],
    'a full channel is nothing': [
      "if (kind !== 'blocked') return undefined;",
      "if (kind !== 'dropped') return undefined;",
    ],
  }),
  ...mutantsOf('src/explain/words.ts', HAND_MADE, {
    'a sentence breaks off where no order was found': [
      'if (orders.length === 0) return alone(',
      'if (!orders) return alone(',
    ],
    'what was not found in time is not told': [
      "areEnough ? '' : ' these orders, and more that was not found in time'",
      "''",
    ],
  }),
  ...mutantsOf('src/explain/why-not.ts', WHY_NOT, {
    'the state before is asked': [
      'const state = at === 0 ? path.initial : path.steps[at - 1]!.state;',
      'const state = at <= 1 ? path.initial : path.steps[at - 2]!.state;',
    ],
    'a failing step leads somewhere': [
      'return failed ? steps.length - 1 : steps.length;',
      'return steps.length;',
      { tests: WHY_NOT, survives: 'the state after a failing step is the one before it' },
    ],
    'the shortest name is meant': [
      '.sort((one, other) => other.length - one.length)[0];',
      '.sort((one, other) => one.length - other.length)[0];',
      { survives: 'a name that is the beginning of another one is followed by a letter, not by a space' },
    ],
  }),
];
