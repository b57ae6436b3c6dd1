/** Mistakes in traces, their replay, and how they are shown. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const REPLAY = ['test/trace/replay.test.ts'];
const LIVE = ['test/trace/live.test.ts'];
const LASSO = ['test/trace/lasso.test.ts'];
const TRACE = ['test/trace/trace.test.ts'];
const CHART = ['test/trace/chart.test.ts'];
const ITF = ['test/trace/itf.test.ts'];

export const trace: readonly Mutant[] = [
  ...mutantsOf('src/trace/replay.ts', REPLAY, {
    'a step that is not there is the last one': [
      'if (step) return options.take(step);\n      const place',
      'if (step ?? options.steps.length) return options.take(step ?? options.steps.at(-1)!);\n      const place',
    ],
    'something may follow a model error': [
      'if (error) throw new ReplayError(`step',
      'if (error && at < 0) throw new ReplayError(`step',
    ],
    'a cycle need not close': [
      'if (cycleStart !== undefined) requireCycle(',
      'if (cycleStart === -1) requireCycle(',
      { tests: LASSO },
    ],
    'a cycle may have no step': ['if (cycleStart < states.length - 1 && isSame', 'if (isSame', { tests: LASSO }],
    'dead ends violate nothing': ['...(deadEnd ? deadEndProperties(tables, state) : []),', ''],
    'live actors are not asked': ['compareWithLive(tables, start, path, trace, error);', ''],
    'the failing step is no option': ['enabled.push(this.failing);', ''],
  }),
  ...mutantsOf('src/trace/agreement.ts', REPLAY, {
    'actors are not compared': ['actorKey(state), actorKey(live.actors[name]!)', 'actorKey(state), actorKey(state)'],
    'channels are not compared': [
      'contentKey(tabulated, name), contentKey(live, name)',
      'contentKey(live, name), contentKey(live, name)',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'the order in a queue is no matter': [
      "channels[name]!.order === 'fifo' ? keys : keys.sort()",
      'keys.sort()',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'the order in a bag is one': [
      "channels[name]!.order === 'fifo' ? keys : keys.sort()",
      'keys',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'messages are not compared': [
      "compare(where, 'the messages', keys(tabulated), keys(live));",
      'keys(live);',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'timers are not compared': ["timers.join(' ')", "''", { tests: ['test/trace/agreement.test.ts'] }],
  }),
  ...mutantsOf('src/trace/live.ts', LIVE, {
    'a message to one that is done is taken': [
      'if (this.#ended.has(to)) {',
      'if (this.#ended.has(to) && to === event.type) {',
    ],
    'what is left in a mailbox is no matter': ['if (!this.#failure) this.#refuse(left);', '{}'],
    'a full channel drops': ["} else if (whenFull === 'drop') {", '} else if (whenFull !== undefined) {'],
    'a refusal is an error': ["if (this.system.blocking.includes(event.type)) this.#fail('blocked');\n    else {", '{'],
    'the last failure counts': ['this.#failure ??= failure;', 'this.#failure = failure;'],
    'a fired timer stays armed': ['armed.delete(id);', ''],
    'a timer that nobody takes is an error': [
      'const isPassed = !incoming.isTimer && machine',
      'const isPassed = machine',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'a queue gives out any message': [
      "if (!isThere || (at > 0 && order === 'fifo' && (place === undefined || lossy !== 'anywhere'))) {",
      'if (!isThere) {',
      { tests: ['test/trace/agreement.test.ts'] },
    ],
    'a channel has room for one more': ['if (content.length < capacity) {', 'if (content.length <= capacity) {'],
    'monitors are told of nothing': ['this.#observe(incoming);', ''],
  }),
  ...mutantsOf('src/trace/progress.ts', LASSO, {
    'eventually is always': ['return !states.some(test(property.goal));', 'return !states.every(test(property.goal));'],
    'infinitelyOften is eventually': [
      'return !states.slice(cycleStart).some(test(property.goal));',
      'return !states.some(test(property.goal));',
      { tests: ['test/explore/liveness/examples.test.ts'], only: 'a run that ends' },
    ],
    'once hot is always hot': [
      ".every((state) => locals[state[slot]!]!.snapshot.hasTag('hot'))",
      ".some((state) => locals[state[slot]!]!.snapshot.hasTag('hot'))",
      { tests: ['test/trace/lasso.test.ts'] },
    ],
    'fairness begins with the stem': ['steps.slice(cycleStart).map((taken, at)', 'steps.slice(0).map((taken, at)'],
  }),
  ...mutantsOf('src/trace/trace.ts', TRACE, {
    'a delivered message stays': [
      "if (step.kind === 'deliver' || step.kind === 'lose') {",
      "if (step.kind === 'lose') {",
    ],
    'what is queued is not there': ["if (fate === 'queued') contents", "if (fate === 'dropped') contents"],
    'a failed step changes something': [
      'trace.failed && at === trace.steps.length - 1 ? before : stateAfter(before, step)',
      'stateAfter(before, step)',
      { only: 'whose delivery failed' },
    ],
    'changes of monitors are left out': [
      'const changes = tables.actors.flatMap(',
      'const changes = tables.actors.slice(0, tables.actorCount).flatMap(',
    ],
  }),
  ...mutantsOf('src/trace/itf.ts', ITF, {
    'the loop begins one state early': [
      '{ loop: trace.cycleStart + 1 }',
      '{ loop: trace.cycleStart }',
      { tests: LASSO },
    ],
    'two names may be one variable': [
      'for (let number = 2; used.has(variable); number++) variable =',
      'for (let number = 2; used.has(variable) && number < 2; number++) variable =',
    ],
    'a fraction is a whole number': ["Number.isInteger(value) ? { '#bigint'", "Number.isFinite(value) ? { '#bigint'"],
    'any key is an identifier': [
      'members.every(([key]) => IDENTIFIER.test(key))',
      'members.every(([key]) => key !== undefined)',
    ],
  }),
  ...mutantsOf('src/trace/words.ts', TRACE, {
    'a field that is gone is told as changed': [
      "if (!(key in after)) return [{ path: inner, kind: 'removed', before: old, after: value }];",
      '',
    ],
    'armed timers are not told': [
      'if (!armedBefore.includes(timer)) texts.push',
      'if (armedBefore.includes(timer)) texts.push',
    ],
    'what fits exactly is cut': ['return text.length <= width ? text', 'return text.length < width ? text'],
  }),
  ...mutantsOf('src/trace/chart.ts', CHART, {
    'a cycle ends one step early': [
      'if (cycle?.to === at)',
      'if (cycle?.to === at + 1)',
      { tests: LASSO, only: 'marked in every chart' },
    ],
    'one hidden message takes more room than it saves': [
      'const shown = hidden > 1 ?',
      'const shown = hidden > 0 ?',
      { survives: 'a message less: both charts are right' },
    ],
    'the start message is told twice': ['index > 0 || (failed', 'index >= 0 || (failed'],
  }),
  ...mutantsOf('src/trace/safety.ts', ['test/validate/steps.test.ts'], {
    'the last state that violates something is told': [
      'const after = states.findIndex(isIn);',
      'const after = states.findLastIndex(isIn);',
      { only: 'what the run violates' },
    ],
    'monitors violate nothing': [
      ".snapshot.hasTag('violation') }];",
      ".snapshot.hasTag('violated') }];",
      { tests: REPLAY },
    ],
  }),
];
