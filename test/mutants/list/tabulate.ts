/** Mistakes in what turns machines into tables. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const SEMANTICS = ['test/system/semantics.test.ts'];
const STEPPER = ['test/tabulate/stepper.test.ts'];
const PLAIN = ['test/tabulate/plain.test.ts'];
const PREDICATE = ['test/tabulate/predicate.test.ts'];
const PARTS = ['test/tabulate/channel-parts.test.ts'];
const PURITY = ['test/tabulate/purity.test.ts'];

export const tabulate: readonly Mutant[] = [
  ...mutantsOf('src/tabulate/walker.ts', SEMANTICS, {
    'a busy actor takes a message at once': [
      'if (this.#busy[slot] !== 0) {',
      'if (this.#busy[slot] === 9) {',
      { only: 'busy|mailbox|queue' },
    ],
    'a mailbox is not emptied': [
      'going &&= this.#drain(slot);\n      mailbox.length = 0;',
      'going &&= this.#drain(slot);',
    ],
    'a mailbox is read from its end': [
      'for (let at = 0; at < mailbox.length; at += 2) {',
      'for (let at = mailbox.length - 2; at >= 0; at -= 2) {',
      { only: 'order of their sending' },
    ],
    'a refusal leaves what has happened': [
      'if (!this.#take(this.message, -1)) {\n      this.undo();',
      'if (!this.#take(this.message, -1)) {\n      this.#settle();',
    ],
    'a full channel never blocks': ['return after !== PUSH_BLOCKED;', 'return true;', { only: 'full channel' }],
    'a lost message is taken': ['if (this.kind === LOSE) return true;', '', { only: 'los' }],
    'endless exchanges go on': [
      'if (++this.#messagesInStep > STEP_MESSAGE_LIMIT) throw this.#endless(message);',
      'if (++this.#messagesInStep > 1e9) throw this.#endless(message);',
      { only: 'an endless exchange' },
    ],
    'nothing is watched for': [
      'if (tables.messageWatch.data[message]! !== 0) this.watched.push(message);',
      '',
      { only: 'awaited|witness' },
    ],
    'a message that is ignored breaks off the step': [
      "this.record?.push(this.#entry('ignored', message, slot, local, from));\n      return true;",
      "this.record?.push(this.#entry('ignored', message, slot, local, from));\n      return false;",
      { only: 'not taken' },
    ],
    'monitors see nothing': [
      'for (let i = 1; i <= count; i++) this.#observe',
      'for (let i = 1; i < count; i++) this.#observe',
      { only: 'monitor' },
    ],
    'an actor that starts gets its messages at once': [
      'this.#busy.fill(1);',
      'this.#busy.fill(0);',
      { only: 'the start|start' },
    ],
    'an undone step is undone once more': [
      'this.#dirty[slot] = 0;\n    }\n    this.touchedCount = 0;\n  }\n\n  /** Makes',
      'this.#dirty[slot] = 0;\n    }\n  }\n\n  /** Makes',
    ],
    'a slot that was changed twice goes back half-way': [
      'if (this.#dirty[slot] === 0) {\n      this.#dirty[slot] = 1;',
      '{\n      this.#dirty[slot] = 1;',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
  }),
  ...mutantsOf('src/tabulate/tables.ts', SEMANTICS, {
    'nothing is ignored': [
      'if (!isMonitor && !ignoresUnhandled(this.system, actor.name)) return UNHANDLED;',
      'if (!isMonitor) return UNHANDLED;',
      { only: 'not taken' },
    ],
    'no eventless transition sees what is ignored': [
      'const reaction = isMonitor ? undefined : actor.stepper.pass(actor.locals[local]!, event);',
      'const reaction = undefined;',
      { only: 'not taken' },
    ],
    'any message of a queue can leave it': [
      "const deliverable = order === 'fifo' ? index === 0 :",
      "const deliverable = order === 'fifo' ? index >= 0 :",
      { only: 'FIFO|channel' },
    ],
    'equal messages of a bag are several steps': [
      'messages.indexOf(message) === index;',
      'index >= 0;',
      { only: 'equal messages' },
    ],
    'a capacity has room for one more': [
      'if (messages.length >= capacity) {',
      'if (messages.length > capacity) {',
      { only: 'full channel' },
    ],
    'drop and block are exchanged': [
      "result = whenFull === 'block' ? PUSH_BLOCKED : PUSH_LOST;",
      "result = whenFull === 'drop' ? PUSH_BLOCKED : PUSH_LOST;",
      { only: 'full channel' },
    ],
    'a duplicate leaves the channel': [
      'list.push(DUPLICATE, taker, content);',
      'list.push(DUPLICATE, taker, after);',
      { only: 'yet keeps it' },
    ],
    'nothing is ever lost': ['if (lossy) list.push(LOSE, message, after);', '', { only: 'los' }],
    'bags are not sorted': [
      "if (order !== 'fifo') pushed.sort((a, b) => this.#inOrder(channel, a, b));",
      '',
      { only: 'unordered|equal messages' },
    ],
    'only the first of several receivers competes': [
      'const takers = this.messages[message]!.takers ?? [message];',
      'const takers = this.messages[message]!.takers?.slice(0, 1) ?? [message];',
      { only: 'compete' },
    ],
    'what is sent is seen after it was taken': [
      'return [...this.#sightsOf(this.actors[slot]!.name, to, event), ...send];',
      'return [...send, ...this.#sightsOf(this.actors[slot]!.name, to, event)];',
      { only: 'see sends' },
    ],
    'unhandled messages are refused': [
      'ignoresUnhandled(this.system, actor.name)) return UNHANDLED;',
      'ignoresUnhandled(this.system, actor.name)) return REFUSED;',
      { only: 'unhandled|model error' },
    ],
    'a choice that throws is not enabled': [
      'if (error instanceof ModelError) return true;\n      throw error;\n    }\n  }\n\n  /** The content',
      'if (error instanceof ModelError) return false;\n      throw error;\n    }\n  }\n\n  /** The content',
      { only: 'throws' },
    ],
    'an actor that is done waits': [
      "snapshot.status === 'done' || outside",
      'outside',
      { only: 'done waits for nothing|at rest' },
    ],
    'an actor with choices is at rest': [
      'if (rest === undefined) return choices.length === 0;',
      'if (rest === undefined) return true;',
      { only: 'rest' },
    ],
    'two channels for one message are no mistake': [
      'if (matching.length > 1) {',
      'if (matching.length > 2) {',
      { only: 'two channels' },
    ],
    'actors that only have timers start nothing': [
      '.filter((actor) => actor.choices.length > 0 || actor.hasTimers)',
      '.filter((actor) => actor.choices.length > 0)',
      { tests: ['test/system/semantics.test.ts'], only: 'timer|Timer|fire|armed|replace|add up' },
    ],
  }),
  ...mutantsOf('src/system/message-types.ts', SEMANTICS, {
    'wildcards of monitors hear nothing': ["(on === type || on.endsWith('*'))", 'on === type', {}],
  }),
  ...mutantsOf('src/tabulate/stepper.ts', STEPPER, {
    'steps are taken once': ['return times < TWICE_AT_FIRST || times % TWICE_EVERY === 0;', 'return times < 0;'],
    'late changes of mind are not found': [
      'return times < TWICE_AT_FIRST || times % TWICE_EVERY === 0;',
      'return times < TWICE_AT_FIRST;',
      { only: 'takes steps of a kind twice' },
    ],
    'a refusal is asked once': [
      "if (this.#guardsAsked > asked && this.#isDue(local, event, 'refusal')) {",
      'if (this.#guardsAsked < asked) {',
      { tests: PURITY },
    ],
    'what was asked is no matter': ['if (asked) throw this.#fails(asks(this.name, what(), asked));', ''],
    'a fired timer stays armed': [
      'const timers = local.timers.filter((armed) => armed !== timer);',
      'const timers = local.timers;',
      { tests: SEMANTICS, only: 'timer|fire|spent' },
    ],
    'timers of one that is done stay': [
      "const next = snapshot.status === 'active' ?",
      "const next = snapshot.status !== 'error' ?",
      { only: 'disarms the timers' },
    ],
    'history is no part of a state': ['canonicalKey(history, where),', '', { only: 'history' }],
    'being done is no part of a state': [
      "snapshot.status === 'active' ? '' : snapshot.status,",
      "'',",
      { tests: SEMANTICS, survives: 'the value of a final state tells as much' },
    ],
    'delayed sends are sent at once': [
      'if (delay === undefined) sends.push(',
      'if (delay === undefined || delay > 0) sends.push(',
      { tests: SEMANTICS, only: 'delay' },
    ],
    'timers of one step have no order': [
      '(delays.get(other) ?? Number.POSITIVE_INFINITY) < delay ?',
      '(delays.get(other) ?? Number.POSITIVE_INFINITY) < 0 ?',
      { tests: SEMANTICS, only: 'timers' },
    ],
    'timers wait for what has been cancelled': [
      '.filter((one) => armed.has(one) && !delays.has(one))',
      '.filter((one) => !delays.has(one))',
      { tests: SEMANTICS, only: 'timers' },
    ],
    'timers wait for what is armed anew': [
      '.filter((one) => armed.has(one) && !delays.has(one))',
      '.filter((one) => armed.has(one))',
      { tests: SEMANTICS, only: 'timers' },
    ],
    'the order of timers is no part of a state': [
      'const order = after.length > 0 ?',
      'const order = after.length > 99 ?',
      { tests: SEMANTICS, only: 'timers' },
    ],
    'contexts are not frozen': [
      '// Only now: what is not plain data, and so not ours to freeze, has been refused.\n    deepFreeze(snapshot.context);',
      '',
      { tests: ['test/tabulate/purity.test.ts'], only: 'asked only once' },
    ],
    'a forbidden transition is a choice': [
      'return transitions.length > 0 && !areForbidden(transitions);',
      'return transitions.length > 0;',
      { tests: SEMANTICS, only: 'enables a choice' },
    ],
    'a cancelled timer fires': [
      'timers.delete((params as { sendId: string }).sendId);',
      '',
      { tests: SEMANTICS, only: 'can be cancelled' },
    ],
    'children are taken for nothing': [
      'if (node.invoke.length > 0) throw spawned',
      'if (node.invoke.length > 9) throw spawned',
      { only: 'invoked' },
    ],
  }),
  ...mutantsOf('src/tabulate/plain.ts', PLAIN, {
    'keys are not sorted': ['if (this.#sorted) keys.sort();', ''],
    'a text is like its name': ['return quoted(value);', 'return value;'],
    'all orders of keys are one': ['(key, index) => key === keys[index] && isSameOrder', '(key) => isSameOrder'],
    'the order in lists is none': [
      'one.every((item, index) => isSameOrder(item, (other as unknown[])[index]))',
      'one.every(() => true)',
    ],
    'what is frozen has no keys in order': [
      'const keys = isKnown ? Object.keys(value)',
      'if (isKnown) return JSON.stringify(value);\n    const keys = isKnown ? Object.keys(value)',
    ],
    'a cycle is followed': [
      "if (this.#around.includes(value)) throw this.#notPlain('a cycle');",
      '',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
    'an object without a prototype is plain': [
      "if (prototype === null) throw this.#notPlain('an object without a prototype', 'copy it: `{ ...object }`');",
      'if (prototype === null) return Object.keys(value);',
    ],
    'instances are plain': ["if (!isPrototype(prototype, 'Object')) throw this.#notPlain(instanceText(value));", ''],
    'a bigint is like a number': ['value}n`;', 'value}`;'],
  }),
  ...mutantsOf('src/tabulate/review.ts', PURITY, {
    'nothing is asked again': ['yield* this.#askAgain(this.#questions.toReversed());', ''],
    'questions have one order': ['yield* this.#askAgain(shuffle(asked, (count) => random.below(count)));', ''],
    'what was put off is not waited for': [
      "yield 'a turn of the event loop';\n      this.#compare(occurrences.at(-1)!);",
      '',
      { only: 'put off' },
    ],
  }),
  ...mutantsOf('src/tabulate/ints.ts', ['test/tabulate/sparse-grid.test.ts'], {
    'entries of a row are one': [' || data[at + 1] !== column', ''],
    'a sparse grid forgets when it grows': [
      'if (old[at + 2] !== 0) this.#data.set',
      'if (old[at + 2] === 0) this.#data.set',
    ],
  }),
  ...mutantsOf('src/tabulate/channel-parts.ts', PARTS, {
    'a queue is divided': ["order === 'fifo' || ", ''],
    'a bag with room for a few is divided': ['capacity !== Number.POSITIVE_INFINITY || ', ''],
    'competing receivers have parts': [' || competing', ''],
    'a part for what others are for already': [
      'carried.length === new Set(types).size ? carried : [...carried, undefined]',
      '[...carried, undefined]',
    ],
    'many types are many parts': ['byType.length <= PARTS_MAX', 'byType.length <= 1e9'],
    'messages of other types go into the first part': [
      'own < 0 ? parts.findIndex((part) => part.to === to && part.type === undefined) : own',
      'own',
    ],
  }),
  ...mutantsOf('src/tabulate/tables.ts', PARTS, {
    'a whole channel has another order': [
      'this.#placeOf(channel, one) - this.#placeOf(channel, other) || this.#inKeyOrder(one, other)',
      'this.#inKeyOrder(one, other)',
    ],
    'a channel is always divided': ['wholeChannels || division.length === 0', 'division.length === 0'],
  }),
  ...mutantsOf('src/tabulate/predicate.ts', PREDICATE, {
    'it runs each time': [
      'return leaf < 0 ? this.#explore(state) : leaf === TRUE;',
      'return this.#explore(state) || leaf > TRUE;',
    ],
    'who says something else the second time is believed': [
      'if (seen !== undefined && this.#seeThrough(state) !== seen) throw',
      'if (seen === value) throw',
    ],
    'who does not get along with stand-ins is wrong': [
      'if (value !== seen) {',
      'if (value !== seen && seen !== undefined) {',
    ],
  }),
  ...mutantsOf('src/tabulate/questions.ts', PREDICATE, {
    'who asks for a key looks at nothing': ['has: (target, key) => {\n        lookAtAll();', 'has: (target, key) => {'],
    'who writes an object down looks at nothing': [
      'const inspected = () => {\n      for (const slot of slots) this.look(slot);',
      'const inspected = () => {',
    ],
    'what is shown is shown again': ['this.#wholes.clear();\n    this.#snapshots.clear();', 'this.#wholes.clear();'],
    'what a machine can do is nothing to look at': [
      "else if (key !== 'context' && key !== 'matches' && key !== 'hasTag') this.look(slot);",
      "else if (key === 'tags') this.look(slot);",
    ],
    'what a field holds is no matter': ['? [context[key]] : []', '? [] : [1]'],
  }),
  ...mutantsOf('src/tabulate/decision-trees.ts', PREDICATE, {
    'a node that is widened loses its branches': ['pool.data.copyWithin(node + 2, old + 2, old + 2 + branches);', ''],
    'another question in the same situation is no matter': [
      'else if (pool.data[node] !== slots[depth]) return false;',
      'else if (pool.data[node] === -7) return false;',
      { tests: ['test/tabulate/decision-trees.test.ts'] },
    ],
    'another answer to the same questions is no matter': [
      'if (known !== UNEXPLORED && known !== -1 - leaf) return false;',
      '',
      { tests: ['test/tabulate/decision-trees.test.ts'] },
    ],
    'an answer may turn into a question': [
      'if (node < 0) return false;',
      'if (node < 0) node = UNEXPLORED;',
      { tests: ['test/tabulate/decision-trees.test.ts'] },
    ],
    'values beyond a node are the last one': [
      'asked.classIn(data[reference]!, state);\n      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;',
      'asked.classIn(data[reference]!, state);\n      reference = data[reference + 2 + value]!;',
      { tests: ['test/tabulate/decision-trees.test.ts'] },
    ],
  }),
  ...mutantsOf('src/tabulate/dead-end.ts', SEMANTICS, {
    'messages that stay are no matter': [
      "state[slot] === 0 || channel.duplicating === 'always'",
      "state[slot]! >= 0 || channel.duplicating === 'always'",
      { only: 'stays in a channel' },
    ],
    'one actor at rest is enough': [
      '.every(({ slot }) => tables.atRest(slot, state[slot]!)) &&',
      '.some(({ slot }) => tables.atRest(slot, state[slot]!)) &&',
      { only: 'rest' },
    ],
    'obligations come before the deadlock': [
      '[DEADLOCK_PROPERTY, ...hot]',
      '[...hot, DEADLOCK_PROPERTY]',
      { only: 'a deadlock comes before' },
    ],
  }),
  ...mutantsOf('src/tabulate/fairness.ts', ['test/explore/liveness/examples.test.ts'], {
    'losing counts as delivering': ['if (kind === LOSE) return -1;', '', { only: 'deliver|lose' }],
    'timers are fair to nobody': ["timer.id}`, 'weak',", "timer.id}`, 'none',", { only: 'timer|fires' }],
    'timers that raise the same event are one': [
      'if (timer && ofType === undefined) {',
      'if (!timer && ofType === null) {',
    ],
    'deliveries are fair to nobody': [
      "(ownOf(declared, event.type) ?? 'weak')",
      "(ownOf(declared, event.type) ?? 'none')",
      { only: 'channel|deliver|message' },
    ],
  }),
  ...mutantsOf('src/tabulate/path.ts', ['test/tabulate/footprint.test.ts', 'test/trace/replay.test.ts'], {
    'what was refused before belongs to the step': [
      'return records.slice(disabled + 1);',
      'return [...records];',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
    'a slot that stays as it is was changed': [
      'records.filter(({ before, after }) => before !== after).map',
      'records.map',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
    'what took a message was not read': [
      'const reads = new Set([...leaves, ...records.map((record) => record.slot)]);',
      'const reads = new Set([...leaves, ...records.slice(1).map((record) => record.slot)]);',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
  }),
  ...mutantsOf('src/tabulate/perturb.ts', STEPPER, {
    'the clock stays': [
      '() => RealDate.now() + SHIFT_MS',
      '() => RealDate.now()',
      { tests: ['test/tabulate/walker.test.ts'] },
    ],
    'what is asked is not noticed': ['asked = what;', ''],
    'the world stays perturbed': [
      'Reflect.set(owner, name, there[at]);',
      '',
      { tests: ['test/tabulate/walker.test.ts'], only: 'are the real ones again' },
    ],
    'what is asked before is asked in the step': [
      'asked = undefined;\n  inside',
      'inside',
      { tests: ['test/tabulate/walker.test.ts'], only: 'are the real ones again' },
    ],
  }),
];
