/** Mistakes in the search. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const COUNTS = ['test/explore/counts.test.ts'];
const SEMANTICS = ['test/system/semantics.test.ts'];
const STORE = ['test/explore/store.test.ts'];
const SYMMETRY = ['test/explore/symmetry.test.ts'];
const THREADS = ['test/explore/threads.test.ts'];

export const explore: readonly Mutant[] = [
  ...mutantsOf('src/explore/search.ts', SEMANTICS, {
    'steps are not counted': ['this.steps += steps;\n    if (steps === 0)', 'if (steps === 0)'],
    'dead ends are not looked at': ['if (steps === 0) this.#inspectDeadEnd(state);', ''],
    'new states are not looked at': [
      'this.#frontier.push(state);\n      this.#inspect(state);',
      'this.#frontier.push(state);',
    ],
    'the initial state is not looked at': ['this.#inspect(0);', ''],
    'the bound on states is off by one': [
      "this.#inspect(state);\n      if (store.count > this.#limits.states) this.stop('states');",
      "this.#inspect(state);\n      if (store.count >= this.#limits.states) this.stop('states');",
      { tests: ['test/explore/bounds.test.ts'] },
    ],
    'a violation ends the search before its level is done': [
      'if (this.#frontier.depth !== undefined) this.#tell();',
      'this.#tell();',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
    'the messages of the start witness nothing': [
      'this.#witnesses.seeMessages(walker.watched);\n    this.#orbits',
      'this.#orbits',
    ],
    'the oldest parent is not the one that is told': [
      'for (const parent of this.store.possibleParents(state, from, to)) {',
      'for (const parent of [...this.store.possibleParents(state, from, to)].reverse()) {',
      {
        tests: ['test/explore/differential.test.ts'],
        survives: 'any parent of the level before is on a shortest path; which one is no promise',
      },
    ],
    'the failing step is left out of its path': [
      'return { initial: this.#vector(0), steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };',
      'return { initial: this.#vector(0), steps, failed: failed !== undefined };',
    ],
    'a level begins one state late': [
      'this.#levelStarts.push(end);',
      'this.#levelStarts.push(end + 1);',
      { tests: COUNTS },
    ],
  }),
  ...mutantsOf('src/explore/search.ts', SYMMETRY, {
    'violations of images do not count': [
      'for (const image of orbits.imagesOf(this.#vector(state))) {',
      'for (const image of orbits.imagesOf(this.#vector(state)).slice(0, 1)) {',
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
    'the initial state may change under renaming': [
      'this.#orbits?.symmetry.requireInvariant(walker.current);',
      '',
      { only: 'what is not symmetric is refused' },
    ],
    'successors are not reduced': ['this.#orbits?.reduce(batch, store.halves);', '', { only: 'two-phase commit of 3' }],
    'messages do not witness for their images': [
      'this.#witnesses.seeImages();',
      '',
      { tests: ['test/explore/symmetry-findings.test.ts'], only: 'witnessed' },
    ],
  }),
  ...mutantsOf('src/explore/symmetry.ts', SYMMETRY, {
    'the smallest image is not found': [
      'if (value > smallest) continue;',
      'if (value < smallest) continue;',
      { only: 'two-phase commit of 3' },
    ],
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
  ...mutantsOf('src/explore/batch.ts', COUNTS, {
    'recent pairs stay when halves get new numbers': [
      'this.#recent.fill(0);',
      '',
      { tests: ['test/explore/divided.test.ts'] },
    ],
    'a full batch does not grow': [
      'if (at === this.first.length) this.#grow();',
      '',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/state-set.ts', STORE, {
    'pairs that share a quotient are one': ['>>> PROBE_BITS', '>>> (PROBE_BITS + 1)'],
  }),
  ...mutantsOf('src/explore/tuple-set.ts', STORE, {
    'tuples that begin alike are one': [
      'if (word === words) return number;\n      at = (at + 1)',
      'if (word > 0) return number;\n      at = (at + 1)',
      { only: 'number tuples' },
    ],
  }),
  ...mutantsOf('src/explore/store.ts', STORE, {
    'the set is not filled again after a division': [
      'this.halves = halves;\n    this.#rebuild();',
      'this.halves = halves;',
      { only: 'beyond its new partition' },
    ],
    'states are not rewritten by a division': [
      'this.#write(state, numbers[state * 2]!, numbers[state * 2 + 1]!);',
      'this.#write(state, numbers[state * 2]!, numbers[state * 2]!);',
      { only: 'beyond its new partition' },
    ],
    'parents are looked for one place off': [
      'let parent = from + ((wanted - from) & 0xff)',
      'let parent = from + ((wanted - from + 1) & 0xff)',
      { only: 'possible parent' },
    ],
    'the budget is not given back when there is no room for a division': [
      'this.budget.bytes = before;',
      '',
      {
        only: 'whichever of its parts',
        survives: 'what a refused division took is counted twice: the search ends earlier, with the same verdict',
      },
    ],
  }),
  ...mutantsOf('src/explore/moves.ts', COUNTS, {
    'what a step looks at is forgotten': [
      'if (this.#seen.has(read)) continue;',
      'if (this.#seen.has(read) || reads.length > 0) continue;',
    ],
    'records that are too small are not widened': [
      'if (used === room) changes = this.#widen(side, number, changes);',
      '',
    ],
    'a step that looks at the other half counts as alone': ['if ((read & 1) !== side) return CROSSING;', ''],
    'messages of new steps witness nothing': [
      'if (walker.watched.length > 0) this.#watch(walker.watched);',
      '',
      { tests: SEMANTICS, only: 'awaited|witness' },
    ],
  }),
  ...mutantsOf('src/explore/successors.ts', COUNTS, {
    'steps of the second half alone are not counted': [
      'return fromFirstAlone + fromSecondAlone;',
      'return fromFirstAlone;',
    ],
    'crossing steps of the second half are left out': [
      'if (fromSecond < 0) return -1;\n  return fromFirstAlone + fromSecondAlone + fromFirst + fromSecond;',
      'return fromFirstAlone + fromSecondAlone + fromFirst;',
    ],
    'a step back to the same first half is dropped': [
      'if (labels || after !== first || otherAfter !== second)',
      'if (labels || after !== first)',
    ],
  }),
  ...mutantsOf('src/explore/properties.ts', SEMANTICS, {
    'a witness is looked for again and again': [
      'this.unwitnessed.delete(predicate.name);\n      return false;',
      'return true;',
      { only: 'witness|reachable' },
    ],
    'any message of the type is awaited': ['if (!matches) continue;', '', { only: 'awaited' }],
  }),
  ...mutantsOf('src/explore/findings.ts', SEMANTICS, {
    'a dead end is told after what is one step longer': [
      'export const DEAD_END = 0;',
      'export const DEAD_END = 9;',
      { tests: ['test/explore/bounds.test.ts'] },
    ],
  }),
  ...mutantsOf('src/explore/frontier.ts', ['test/explore/depth-first.test.ts'], {
    'a parent is the state before': [
      'this.#parents[state] = this.#expanding;',
      'this.#parents[state] = state - 1;',
      { only: 'gives out the youngest' },
    ],
    'depths do not add up': [
      'this.#depthOfNew = this.#stack[this.#top + 1]! + 1;',
      'this.#depthOfNew = this.#stack[this.#top + 1]!;',
      { only: 'gives out the youngest' },
    ],
  }),
  ...mutantsOf('src/explore/expand-part.ts', THREADS, {
    'states that are not known yet are dropped': ['unknown.push(state);', ''],
    'successors without room are dropped': [
      '} else if (answer === NO_ROOM) left.push(batch.first[i]!, batch.second[i]!, batch.parent[i]!);',
      '}',
    ],
  }),
];
