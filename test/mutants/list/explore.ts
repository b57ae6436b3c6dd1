/** Mistakes in the search. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const COUNTS = ['test/explore/counts.test.ts'];
const SEMANTICS = ['test/system/semantics.test.ts'];
const STORE = ['test/explore/row-sets.test.ts'];
const LIVENESS = ['test/explore/liveness/examples.test.ts'];
const LINKED = ['test/explore/liveness/threads.test.ts'];
const SYMMETRY = ['test/explore/symmetry.test.ts'];
const SYMMETRY_RANDOM = ['test/explore/symmetry-random.test.ts'];
const ACTIONS = ['test/explore/actions.test.ts'];
const THREADS = ['test/explore/threads.test.ts'];
const SHORTEN = ['test/explore/shorten.test.ts'];
const BITSTATE = ['test/explore/bitstate.test.ts'];
const HASH_COMPACT = ['test/explore/hash-compact.test.ts'];
const RANDOM_WALK = ['test/explore/random-walk.test.ts'];
const ORDER = ['test/explore/partial-order.test.ts'];

const ALL_VIOLATIONS = ['test/explore/all-violations.test.ts'];

export const explore: readonly Mutant[] = [
  ...mutantsOf('src/explore/row-inspector.ts', ALL_VIOLATIONS, {
    'of the violations of a state only the first is noted': [
      'for (let check = first; check >= 0; check = this.#rows.judge.violatedIn(row, column)) {',
      'for (let check = first; check >= 0; check = -1) {',
      { only: 'goes on behind' },
    ],
    'a search for all violations goes on when all is decided': [
      'if (this.#isDecided()) this.finding ??= this.violations!.inOrder()[0]?.finding;',
      '',
      { only: 'ends when every property is decided' },
    ],
    'a search for all violations ends when what states violate is decided': [
      "return decided === properties.length + (deadlock === 'violation' ? 1 : 0);",
      'return decided >= properties.length;',
      { only: 'goes on behind' },
    ],
    'of a dead end only the first violation is noted': [
      'findings.forEach((finding, at) => {',
      'findings.slice(0, 1).forEach((finding, at) => {',
      { only: 'with the dead ends of before' },
    ],
  }),
  ...mutantsOf('src/explore/search.ts', ALL_VIOLATIONS, {
    'a checkpoint forgets dead ends': [
      'for (const deadEnd of snapshot.deadEnds) this.violations?.note(deadEnd);',
      '',
      { only: 'with the dead ends of before' },
    ],
  }),
  ...mutantsOf('src/explore/findings.ts', ALL_VIOLATIONS, {
    'the last violation of a property is told instead of the shortest': [
      'if (known && compare(known, violation) <= 0) return;',
      '',
      { only: 'with the dead ends of before' },
    ],
    'violations are told in the order in which they were noted': [
      'return [...this.#noted.values()].sort(compare);',
      'return [...this.#noted.values()];',
      { only: 'finds in images' },
    ],
  }),
  ...mutantsOf('src/explore/judging.ts', ALL_VIOLATIONS, {
    'a symmetry stays that lacks a monitor': [
      "properties.every(({ kind, name }) => kind !== 'monitor' || !left.has(renameText(name, exchange))),",
      'exchange.size > 0,',
      { only: 'monitors that are left out' },
    ],
    'no deadlock is judged although nobody has named it': [
      "deadlock: names.includes(DEADLOCK_PROPERTY) ? system.deadlock : 'ignore',",
      'deadlock: system.deadlock,',
      { only: 'leaves the others out' },
    ],
  }),
  ...mutantsOf('src/explore/liveness/liveness.ts', ALL_VIOLATIONS, {
    'of the properties of progress only the first violated one is decided': [
      'if (!this.#search.violations) return;',
      'return;',
      { only: 'decides each property of progress' },
    ],
  }),
  ...mutantsOf('src/explore/search.ts', SEMANTICS, {
    'dead ends are not looked at': ['if (this.#rows.deadEnds.length > 0) this.#inspector.inspectDeadEnds();', ''],
    'new states are not looked at': [
      'this.#inspector.inspectAll(list, before[lane]!.pieces, before[lane]!.length);',
      '',
    ],
    'levels are counted twice': ['this.#level++;', 'this.#level += 2;', { tests: COUNTS }],
    'the initial states are not looked at': ['this.#inspector.inspectAll(fresh[0]!, 0, 0);', ''],
    'the bound on states is off by one': [
      "if (this.states > this.#limits.states) this.stop('states');\n  }\n\n  // --- other threads",
      "if (this.states >= this.#limits.states) this.stop('states');\n  }\n\n  // --- other threads",
      { tests: ['test/explore/bounds.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/row-inspector.ts', SEMANTICS, {
    'of new states that have to be asked about only the first is': [
      'this.inspect(row, columns.data[at]!);\n        if (this.finding) return;',
      'this.inspect(row, columns.data[at]!);\n        break;',
    ],
    'a violation ends the search before its level is done': [
      'if (!this.#rows.order.byLevels) this.tell();',
      'this.tell();',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/findings.ts', SEMANTICS, {
    'the messages of the start witness nothing': ['witnesses.seeMessages(walker.watched);\n    initial', 'initial'],
  }),
  ...mutantsOf('src/explore/row-path.ts', SEMANTICS, {
    'the failing step is left out of its path': [
      'steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };',
      'steps, failed: failed !== undefined };',
    ],
  }),
  ...mutantsOf('src/explore/row-inspector.ts', SYMMETRY, {
    'violations of images do not count': [
      'for (const image of orbits.imagesOf(this.#rows.vectorOf(state))) {',
      'for (const image of orbits.imagesOf(this.#rows.vectorOf(state)).slice(0, 1)) {',
      { only: 'judges what names only' },
    ],
    'the symmetry is not settled before a finding is told': [
      'this.#orbits?.symmetry.settle();\n    } catch',
      'void 0;\n    } catch',
      {
        only: 'what is not symmetric is refused',
        survives: 'each new state settles as well; left are steps that are refused after the last state',
      },
    ],
    'the initial states may change under renaming': [
      'this.#orbits?.symmetry.requireInvariant(initial);',
      '',
      { only: 'what is not symmetric is refused' },
    ],
    'messages do not witness for their images': [
      'this.#witnesses.seeImages();',
      '',
      { tests: ['test/explore/symmetry-findings.test.ts'], only: 'witnessed' },
    ],
  }),
  ...mutantsOf('src/explore/symmetry.ts', SYMMETRY, {
    'images of entries are not compared': [
      'this.#pending.push(slot, local, message);',
      '',
      { only: 'what is not symmetric is refused' },
    ],
    'being at rest is not compared': [
      ' && this.#restOf(slot, local) === this.#restOf(other, image)',
      '',
      { only: 'may not rest where the other may' },
    ],
    'tags of monitors are not compared': [
      "return ['violation', 'hot'].every((tag) => one.snapshot.hasTag(tag) === two.snapshot.hasTag(tag));",
      "return ['violation', 'hot'].every((tag) => one.snapshot.hasTag(tag) === two.snapshot.hasTag(tag) || true);",
      { only: 'a monitor that minds one' },
    ],
    'channels need not be of the same kind': [
      "if (!alike) throw fail('which is another kind of channel');",
      '',
      { only: 'other choices, other channels' },
    ],
    'choices need not be the same': [
      "throw fail('which has other choices');",
      'void 0;',
      { only: 'other choices, other channels' },
    ],
    'two sends to one receiver commute': [
      'if (first.to === second.to || blocks',
      'if (blocks',
      { tests: ['test/explore/symmetry-findings.test.ts'], only: 'remembers it' },
    ],
  }),
  ...mutantsOf('src/explore/least-image.ts', ACTIONS, {
    'the smallest image is not found': ['if (values.least > least) continue;', 'if (values.least < least) continue;'],
    'one way to the least value is enough': ['if (values.least < least) arrived = 0;', 'arrived = 0;'],
    'what keeps the state is not noted': ['else keepers?.push(', 'else void ('],
    'renamings that change the value are gone on with': [
      'group = place.valuesOf(least).keepersOf(least);',
      'group = place.keepers;',
    ],
  }),
  ...mutantsOf('src/explore/actions.ts', ACTIONS, {
    'images of images are not met': [
      'for (const exchange of this.exchanges) met.push([exchange.slots[slot]!, exchange.imageOf(slot, value)]);',
      '',
      { tests: SYMMETRY, only: 'may not rest where the other may' },
    ],
    'a value has the keepers of the least one': [
      'actions.product(to, actions.product(generator, from))',
      'generator',
      { tests: SYMMETRY_RANDOM },
    ],
  }),
  ...mutantsOf('src/explore/any-image.ts', SYMMETRY, {
    'one image is enough': ['if (slot === undefined || group.size === 1) return false;', 'return false;'],
    'images are the same that differ in what was not read yet': [
      'if (reading === this.#readings.at(-1)) this.#read([...reading.slots, ...reads]);\n    return undefined;',
      'return false;',
    ],
    'what is said of one state is said of all': ['at < slots.length; at++) held +=', 'at < 0; at++) held +='],
  }),
  ...mutantsOf('src/explore/permutations.ts', ACTIONS, {
    'what leaves a number in place is not taken in': [
      'if (known) this.#add(at + 1, compose(known, way));',
      'if (known) void 0;',
    ],
  }),
  ...mutantsOf('src/explore/representatives.ts', SYMMETRY, {
    'successors are not reduced': [
      'this.#pending.push(least, this.#imageOf(row, column, least));',
      'this.#pending.push(row, column);',
      { only: 'two-phase commit of 3' },
    ],
    'renamings that keep the row do not count': [
      'return keepers === 0 ? image : this.#made(this.#least[keepers]!, image);',
      'return image;',
      { only: 'two-phase commit of 3' },
    ],
    'columns stay when their row is renamed': [
      'const image = way === 0 ? column : this.#made(this.#renamed[way]!, column);',
      'const image = column;',
      { only: 'two-phase commit of 3' },
    ],
  }),
  ...mutantsOf('src/explore/row-sets.ts', STORE, {
    'a list is full one column late': ['if (count === LIST_LENGTH) break;', 'if (count === LIST_LENGTH + 1) break;'],
    'a table is never full': ['if (room === 0) break;', ''],
    'a map does not grow': [
      'if (-rows[row * ROW_WORDS + 1]! * 32 < columns) {',
      'if (rows[row * ROW_WORDS + 1]! === 0) {',
    ],
    'blocks are used again as they are': ['words.fill(0, place, place + size);', ''],
    'a map is never given up': [
      'mapWords <= MAP_EXCESS * 2 ** bits',
      'mapWords <= 2 ** 30',
      { survives: 'only memory: a map of few columns takes more than a table' },
    ],
    'columns do not come along to a larger block': [
      'if (isMap) for (let at = 0; at < count; at++)',
      'if (isMap) for (let at = 1; at < count; at++)',
    ],
  }),
  ...mutantsOf('src/explore/pending.ts', STORE, {
    'all but the last chunk of a row is lost': ['tail = pool[start]!;', 'tail = 0;'],
    'all but the last stretch of a row is lost': ['stretch = stretchPool[stretch]!;', 'stretch = 0;'],
    'a row is looked at twice': [
      'if (before === 0 && this.#tails.data[row] === 0)',
      'if (before === 0)',
      { survives: 'it is empty the second time' },
    ],
  }),
  ...mutantsOf('src/explore/packing.ts', STORE, {
    'a number that crosses words is cut': ['if (used > 0) words[word]! |= number >>> (bits - used);', ''],
    'lists after the first begin at the same place': ['let used = (before * bits) % 32;', 'let used = 0;'],
  }),
  ...mutantsOf('src/explore/state-list.ts', STORE, {
    'a list takes more than its bound': [
      'if (to - from > room) {',
      'if (to - from > room + 99) {',
      { only: 'up to a bound' },
    ],
  }),
  ...mutantsOf('src/explore/tuple-set.ts', STORE, {
    'tuples that begin alike are one': [
      'if (word === words) return number;\n      at = (at + 1)',
      'if (word > 0) return number;\n      at = (at + 1)',
      { only: 'number tuples' },
    ],
    'a grown table loses its tuples': [
      'for (let number = 0; number < this.count; number++) table.data[this.#free(number)] = number + 1;',
      '',
      { only: 'number tuples' },
    ],
    'a crowded table is written at the old place': [
      'this.#table.data[crowded ? this.#free(number) : at]',
      'this.#table.data[at]',
      { only: 'after every growth' },
    ],
  }),
  ...mutantsOf('src/explore/rows.ts', ['test/explore/divided.test.ts'], {
    'states are lost by a division': ['this.push(vector);\n          }', '}'],
  }),
  ...mutantsOf('src/explore/row-inspector.ts', ['test/explore/divided.test.ts'], {
    'a finding keeps its number when states get others': ['this.#candidate.renumber(codeNow);', ''],
  }),
  ...mutantsOf('src/explore/orders.ts', ['test/explore/divided.test.ts'], {
    'what was expanded before a division is expanded again': ['other.#beginAt(starts);', ''],
    'a division forgets that rows were dealt in the middle of a level': [
      'new BreadthFirst(budget, { lanes: this.fresh.length, spill: this.#spill })',
      'new BreadthFirst(budget, { lanes: this.#now.length, spill: this.#spill })',
    ],
    'what a level had found before a division is lost': [
      'for (const list of this.fresh) insert(list, other.fresh);',
      '',
    ],
  }),
  ...mutantsOf('src/explore/parts.ts', ['test/explore/divided.test.ts'], {
    'the numbers of parts overlap in a column': [
      'if (part > 0) shift += bits[part]!;',
      'if (part > 0) shift += bits[part]! - 1;',
    ],
  }),
  ...mutantsOf('src/explore/judge.ts', SEMANTICS, {
    'what was fine in one part is fine everywhere': [
      'if (node !== -1 - FINE) return false;',
      '',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
    'a judge does not see that a property reads more': [
      'if (seen === this.#readsSeen && questions.length === this.#asked) return;',
      'if (this.#asked > 0) return;',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
    'what a class has shown counts for a property that was not asked then': [
      'this.#crossing = crossing;\n    this.#classifyAnew();',
      'this.#crossing = crossing;',
      { tests: ['test/explore/judge.test.ts'] },
    ],
    'rows are alike that differ in what a property reads after a column': [
      'if (this.#parts.partOf[slot] === 0) held',
      'if (this.#parts.partOf[slot] === 99) held',
      { tests: ['test/explore/judge.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/expand-row.ts', COUNTS, {
    'steps of other parts than the row alone are not counted': ['count += ownAlone;', ''],
    'steps that look at several parts are not counted': ['count += length;', ''],
    'steps that look at several parts are not followed': ['sink.push(rows[each]!, columns[each]!)', 'void each'],
    'a step that changes the row alone is no step': [
      'if (toRow === row && toColumn === column) continue;',
      'if (toColumn === column) continue;',
    ],
    'what the row does alone is not followed': [
      'if (toRow !== row) sink.pushStretch(',
      'if (toRow < 0) sink.pushStretch(',
    ],
    'changes of another row are taken for those of this one': ['const mark = ++this.#mark;', 'const mark = 1;'],
  }),
  ...mutantsOf('src/explore/local-steps.ts', COUNTS, {
    'what a step looks at is forgotten': [
      'if (this.#seen.has(read)) continue;',
      'if (this.#seen.has(read) || reads.length > 0) continue;',
    ],
    'messages of new steps witness nothing': [
      'if (walker.watched.length > 0) this.#watch(walker.watched);',
      '',
      { tests: SEMANTICS, only: 'awaited|witness' },
    ],
  }),
  ...mutantsOf('src/explore/moves.ts', COUNTS, {
    'records that are too small are not widened': [
      'if (used === room) changes = this.#widen(part, number, changes);',
      '',
    ],
    'a step that looks at another part counts as alone': ['if (partOf[slot] !== part) return CROSSING;', ''],
  }),
  ...mutantsOf('src/explore/successors.ts', COUNTS, {
    'steps of a part alone are not counted': ['steps += alone;', ''],
    'steps that look at several parts are left out': [
      'if (all || toRow !== row || toColumn !== column) this.#push(toRow, toColumn);',
      '',
    ],
    'a step back to the same row is dropped': [
      'if (all || toRow !== row || toColumn !== column)',
      'if (all || toRow !== row)',
    ],
  }),
  ...mutantsOf('src/explore/properties.ts', SEMANTICS, {
    'monitors are asked in the wrong slot': [
      'const slot = monitorSlot++;',
      'const slot = monitorSlot;',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
    'a witness is looked for again and again': [
      'this.unwitnessed.delete(predicate.name);\n      return false;',
      'return true;',
      { only: 'witness|reachable' },
    ],
    'the `where` of a pattern is not asked again': [
      'if (pattern.where) {',
      'if (pattern.where && pattern.where.length > 9) {',
      { tests: ['test/tabulate/purity.test.ts'] },
    ],
    'any message of the type is awaited': [
      'if (!alike.some(({ to, event }) => this.#selects(property, pattern, to, event))) continue;',
      '',
      { only: 'awaited' },
    ],
  }),
  ...mutantsOf('src/explore/findings.ts', SEMANTICS, {
    'the last of several findings is told': [
      'rank > this.#rank ||',
      'rank < this.#rank ||',
      { tests: HASH_COMPACT, only: 'declared first' },
    ],
    'a dead end is told after what is one step longer': [
      'export const DEAD_END = 0;',
      'export const DEAD_END = 9;',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/orders.ts', ['test/explore/depth-first.test.ts'], {
    'a parent is the state before': [
      'this.#parents.data[this.#count] = this.#expanding;',
      'this.#parents.data[this.#count] = this.#count - 1;',
      { only: 'gives out the youngest' },
    ],
    'depths do not add up': [
      'this.#depthOfNew = this.#stack.data[this.#top + 1]! + 1;',
      'this.#depthOfNew = this.#stack.data[this.#top + 1]!;',
      { only: 'gives out the youngest' },
    ],
  }),
  ...mutantsOf('src/explore/part.ts', THREADS, {
    'states that are not known yet are dropped': ['unknown.push(row);\n        unknown.push(columns[at++]!);', 'at++;'],
    'what may violate something is not told': [
      'suspects.push(row);\n      suspects.push(fresh.columns.data[at]!);',
      '',
      { only: 'a violation in a state that only they' },
    ],
  }),
  ...mutantsOf('src/explore/shorten.ts', SHORTEN, {
    'loops stay': [
      'if (!reached.has(to)) reached.set(to, { from: state, step });',
      'reached.set(to, { from: state, step });',
      { only: 'loses its loops' },
    ],
    'nothing is left out': [
      'if (rest && at + rest.steps.length < trail.steps.length) {',
      'if (rest && at + rest.steps.length < 0) {',
      { only: 'more of that than a route' },
    ],
    'another error is as good': [
      'goal.error.code === error.code && goal.error.message === error.message',
      'goal.error.code === error.code',
      { only: 'to a model error' },
    ],
    'the failing step is left out': [
      'return { ...path, steps: [...found, failing], failed: true };',
      'return { ...path, failed: true };',
      { only: 'to a model error' },
    ],
    'what is violated on the way is no matter': [
      "return same ? 'goal' : 'wrong';",
      "return same ? 'goal' : 'open';",
      { only: 'a violation of another property' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/vector-search.ts', HASH_COMPACT, {
    'dead ends are not looked at': [
      'if (steps === 0) inspector.inspectDeadEnd(state, order.at);',
      '',
      { tests: RANDOM_WALK, only: 'random systems' },
    ],
    'a failing step is no error': [
      'inspector.fail(error, state, order.at);',
      '',
      { tests: RANDOM_WALK, only: 'random systems' },
    ],
    'the bound on states is ignored': [
      "if (this.states > this.#limits.states) this.stop('states');",
      '',
      { tests: ['test/explore/bounds.test.ts', ...BITSTATE], only: 'stops at the other bounds|and no more' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/fingerprint-search.ts', HASH_COMPACT, {
    'a level goes on beyond the bound on states': [
      'before + this.#statesMax + 1 - this.states',
      'Number.POSITIVE_INFINITY',
      { only: 'random systems' },
    ],
    'dead ends are not looked at': [
      'this.#inspector.inspectDeadEnd(this.#state, this.#depth);',
      '',
      { only: 'dining-philosophers' },
    ],
    'a failing step is no error': [
      'this.#inspector.fail(error, this.#state, this.#depth);',
      '',
      { only: 'random systems' },
    ],
    'new states are not looked at': [
      'this.#judge.inspect(this.#state, this.#depth + 1);',
      '',
      { only: 'declared first' },
    ],
    'what threads have not looked up is dropped': [
      'this.#expandAlone(place);',
      '',
      { tests: THREADS, only: 'by fingerprints' },
    ],
    'dead ends that threads come to are dropped': [
      'for (const place of deadEnds) this.#deadEnds.push(place);',
      '',
      { tests: THREADS, only: 'a dead end that only they' },
    ],
    'what threads find suspect is dropped': [
      'for (const { lane, suspects } of lanes) this.#inspectSuspects(this.#fresh[lane]!, suspects);',
      '',
      { tests: THREADS, only: 'a violation in a state that only they' },
    ],
    'fingerprints stay where they were before there were lanes': [
      'for (const set of before) set.copyTo((low) => sets[laneOf(low, LANES)]!);',
      '',
      { tests: THREADS, only: 'by fingerprints' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/tree-steps.ts', HASH_COMPACT, {
    'a step does not change the upper word': [
      'this.#flips.set(2 * at + 1, high);',
      '',
      { only: 'pri-overflow|philosophers' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/vector-judge.ts', HASH_COMPACT, {
    'what is violated is noted as fine': [
      'if (this.#inspector.inspect(state, at)) this.#noteFine(state);',
      'this.#inspector.inspect(state, at);\n    this.#noteFine(state);',
      { only: 'random systems' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/depth-first.ts', BITSTATE, {
    'the path is not cut back': ['this.#path.length = this.at;', '', { only: 'only the way to what they find' }],
  }),
  ...mutantsOf('src/explore/vectors/bit-store.ts', BITSTATE, {
    'the first search is the only one': [
      'if (this.#begun === swarm) return false;',
      'if (this.#begun >= 1) return false;',
      { only: 'of a swarm' },
    ],
    'the array is not cleared for the next search': [
      'if (this.known) this.known.clear();',
      'if (this.known) this.known.count = 0;',
      { only: 'of its seeds one by one' },
    ],
    'all searches have one seed': [
      'seed + this.#begun++',
      'seed + 0 * this.#begun++',
      { only: 'of its seeds one by one' },
    ],
  }),
  ...mutantsOf('src/explore/bit-set.ts', BITSTATE, {
    'one set bit makes it known': [
      'if (this.ones === before) return false;',
      'if (this.ones < before + 3) return false;',
      { only: 'a bit array|never says' },
    ],
    'what is missed is not counted': ['this.missed += chance / (1 - chance);', '', { only: 'a bit array' }],
  }),
  ...mutantsOf('src/explore/vectors/fingerprint-trail.ts', HASH_COMPACT, {
    'paths lead to any state with the fingerprint': [
      'const way = ways.find(({ state }) => isSame(state, found));',
      'const way = ways[0];',
      { only: 'to the very state' },
    ],
  }),
  ...mutantsOf('src/explore/fingerprints.ts', HASH_COMPACT, {
    'a step does not take out what was before': [
      'return mixLow(before + seed) ^ mixLow(after + seed);',
      'return mixLow(after + seed);',
      { only: 'of a step are those' },
    ],
    'both words have the same seeds': [
      'this.#highSeeds = seeds();',
      'this.#highSeeds = this.#lowSeeds;',
      {
        only: 'fingerprints',
        survives:
          'the words differ by their mixes as well; that the seeds differ, too, is a second guard that no count can show',
      },
    ],
    'zero is a fingerprint': [
      'if (this.low === 0 && this.high === 0) this.high = 1;',
      '',
      { only: 'fingerprints', survives: 'one state in 2^64 has the fingerprint 0' },
    ],
  }),
  ...mutantsOf('src/explore/fingerprint-set.ts', HASH_COMPACT, {
    'lower words are enough': [
      'if (entries[at] === low && entries[at + 1] === high) return false;',
      'if (entries[at] === low) return false;',
      { only: 'the set of fingerprints' },
    ],
    'the way ends at the first other one': [
      'if (free > at) entries.copyWithin(at + WORDS, at, free);',
      '',
      { only: 'the set of fingerprints' },
    ],
  }),
  ...mutantsOf('src/explore/packed-vectors.ts', ['test/explore/hash-compact.test.ts'], {
    'large values are cut': [
      'while (this.#bits < 32 && all >>> this.#bits !== 0) this.#widen();',
      '',
      { only: 'packed vectors' },
    ],
    'the last value is not written': [
      'for (let slot = 0; slot < this.#slotCount; slot++) values[base + slot] = vector[slot]!;',
      'for (let slot = 0; slot + 1 < this.#slotCount; slot++) values[base + slot] = vector[slot]!;',
      { only: 'packed vectors' },
    ],
  }),
  ...mutantsOf('src/explore/vectors/walks.ts', RANDOM_WALK, {
    'the first step is always taken': [
      'if (this.#random(++this.#enabled) > 0) return;',
      'if (++this.#enabled > 1) return;',
      { only: 'are cut into slices|random systems' },
    ],
    'walks go on without end': ['this.#isOver = this.at >= this.#maxSteps;', '', { only: 'no longer' }],
  }),
  ...mutantsOf('src/explore/liveness/fair-components.ts', LIVENESS, {
    'a component is fair whatever it leaves out': [
      'if (wronged.length === 0) {',
      'if (wronged.length >= 0) {',
      { only: 'waits for a lock|philosophers' },
    ],
    'one state is enough to be enabled all the time': [
      'this.#enabledIn.data[entity] === to - from',
      'this.#enabledIn.data[entity]! > 0',
      { only: 'waits for a lock' },
    ],
    'strong is as weak': ["(all[entity]!.strength === 'strong' || this", '(this', { only: 'strong fairness' }],
    'a state alone is fair whatever is enabled': [
      'this.#words.data[state] = isFair ? this.#placeToStay(this.#nextComponent--) : OUT;',
      'this.#words.data[state] = this.#placeToStay(this.#nextComponent--);',
    ],
    'what is left is not decomposed again': ['this.#goesAgain = true;', '', { only: 'kept clear|strong' }],
    'the region ends nowhere': [
      'if (word === AGAIN || (word === UNVISITED && region.contains(end))) {',
      'if (word === AGAIN || word === UNVISITED) {',
    ],
  }),
  ...mutantsOf('src/explore/liveness/liveness.ts', LIVENESS, {
    'leadsTo is triggered at the start': [
      'const isRoot = (state: number) => triggered(state) && contains(state);',
      'const isRoot = (state: number) => state === 0 && triggered(state) && contains(state);',
      { only: 'leadsTo|a run that ends' },
    ],
    'eventually may begin anywhere': [
      'region: { contains, isRoot: (state) => initials.includes(state) },',
      'region: { contains, isRoot: () => true },',
      { only: 'a run that ends|eventually' },
    ],
    'infinitelyOften has to fail from the start': [
      "stems: stemsFromStart(initials, () => true),\n        };\n      }\n      case 'monitor'",
      "stems: stemsFromStart(initials, contains),\n        };\n      }\n      case 'monitor'",
    ],
    'a violation ends nothing': [
      'if (components.found === 0) continue;',
      'if (components.found >= 0) continue;',
      { only: 'waits for a lock' },
    ],
  }),
  ...mutantsOf('src/explore/liveness/state-numbers.ts', LIVENESS, {
    'all states of 32 columns have one number': ['onesIn(bits & (bit - 1))', 'onesIn(bits & (bit - 1) & 0)'],
  }),
  ...mutantsOf('src/explore/liveness/links.ts', LINKED, {
    'no step leads back to its state': ['2 * length + (steps > length ? 1 : 0)', '2 * length'],
    'what is not known is not told': ['unknown.push(state);', '', { only: 'known again' }],
  }),
  ...mutantsOf('src/explore/threads.ts', LINKED, {
    'no graph is linked': [
      'const part = graph.openPart(LINK_PART);\n    if (!part) return false;',
      'const part = graph.openPart(LINK_PART);\n    if (part) return false;',
      { only: 'livelock' },
    ],
  }),
  ...mutantsOf('src/explore/liveness/cycle.ts', LIVENESS, {
    'strong duties are no duties': [
      'return this.strong.every((_, index) => ((done >> (this.weak.length + 2 * index)) & 3) !== 1);',
      'return true;',
    ],
    'weak duties are no duties': [
      'if ((done & ((1 << this.weak.length) - 1)) !== (1 << this.weak.length) - 1) return false;',
      '',
    ],
    'a cycle may leave its component': [
      'const end = graph.end(step);\n      if (!isInside(end)) continue;\n      const done',
      'const end = graph.end(step);\n      const done',
    ],
  }),
  ...mutantsOf('src/explore/partial-order/reduced-search.ts', ORDER, {
    'nothing is made up for later': [
      'if (later) {\n      this.reduced++;\n      return;\n    }',
      'this.reduced++;\n    if (later || !later) return;',
    ],
    'what it relied on may become more': [
      'if (this.#stale || this.#futures.grown) this.#beginPass();',
      'if (this.#stale) this.#beginPass();',
    ],
    'states on a chain are not looked at': ['if (this.#inspect()) return this.#add(parent);', ''],
    'dead ends are not looked at': ['this.#inspector.inspectDeadEnd(this.#state, state);\n      return;', 'return;'],
  }),
  ...mutantsOf('src/explore/ignored.ts', ['test/explore/ignored.test.ts'], {
    'messages that are ignored come in one state': ['.add(local)', '.add(0)'],
  }),
  ...mutantsOf('src/explore/growth.ts', ['test/explore/growth.test.ts'], {
    'the slowest comes first': [
      'growing.sort((a, b) => b.values / b.valuesBefore - a.values / a.valuesBefore',
      'growing.sort((a, b) => a.values / a.valuesBefore - b.values / b.valuesBefore',
      { only: 'where all grow' },
    ],
    'a capacity is no bound': [
      'channel.capacity === Number.POSITIVE_INFINITY',
      'channel.capacity !== Number.POSITIVE_INFINITY',
    ],
  }),
  ...mutantsOf('src/explore/costly.ts', ['test/explore/costly.test.ts'], {
    'many values are many, however many states there are': [' && counts[slot]! * STATES_PER_VALUE > states', ''],
    'a field that has all values is split': [
      'if (large.length > 0)',
      'if (large.length > 1)',
      { only: 'keeps a history' },
    ],
    'each part of a channel is told': [
      'return !channel || channels.size < channels.add(channel.name).size;',
      'return true;',
      { only: 'one part of a channel' },
    ],
    'a monitor is an actor': ["slot < tables.actorCount ? 'actor'", "slot >= 0 ? 'actor'", { only: 'monitors' }],
  }),
  ...mutantsOf('src/explore/levels-left.ts', ['test/explore/levels-left.test.ts'], {
    'levels that stay as they are shrink': ['size >= last[at - 1]!', 'size > last[at - 1]!'],
    'the current level does not count': ['return 1 + Math.ceil', 'return Math.ceil'],
  }),
  ...mutantsOf('src/explore/result.ts', SEMANTICS, {
    'what is not witnessed is no violation': [
      'return [...violations, ...(noted ? unmet : unmet.slice(0, 1))];',
      'return violations;',
      { only: 'must be seen|witness' },
    ],
    'a search that was stopped holds': [
      "const stop = finding?.kind === 'bound' && {",
      "const stop = finding?.kind === 'bound' && finding.bound !== 'states' && {",
      { only: 'a bounded search' },
    ],
    'a search of fingerprints decides progress': [
      'if (!liveness && tables.system.properties.some(asksForProgress)) {',
      'if (!liveness && !tables.system.properties.some(asksForProgress) && explorer.done === undefined) {',
      { tests: LIVENESS, only: 'is undecided where no graph' },
    ],
  }),
  ...mutantsOf('src/explore/plan.ts', LIVENESS, {
    'symmetry is used for progress': [
      "if (asksForAnyProgress(tables)) return { unreduced: 'progress' };",
      '',
      { only: 'does without symmetry' },
    ],
  }),
  ...mutantsOf('src/explore/check.ts', ['test/explore/random-walk.test.ts'], {
    'the bound on seconds is ignored': ["if (late) return 'seconds';", '', { only: 'stop at the other bounds' }],
  }),
];
