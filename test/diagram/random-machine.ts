/**
 * Machines of all shapes for property tests. Keys, guards and actions have names of their own, `s3`, `g5`, `a5`, so that a
 * test can count how often each of them is in a picture.
 */
import { type AnyStateMachine, createMachine } from 'xstate';
import fc from '../fast-check.ts';

export interface RandomMachine {
  readonly machine: AnyStateMachine;
  /** The keys of all states but the root. */
  readonly keys: readonly string[];
  /** A word per transition that stands in its label and nowhere else. */
  readonly words: readonly string[];
}

interface Shape {
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly children: readonly Shape[];
  readonly transitions: readonly Reaction[];
  readonly always: boolean;
  readonly own: readonly ('entry' | 'exit' | 'tags' | 'invoke' | 'output')[];
}

interface Reaction {
  readonly trigger: 'event' | 'wildcard' | 'after' | 'done' | 'actor';
  /** Indices into all states, taken modulo their number; none: it stays. */
  readonly targets: readonly number[];
  readonly reenter: boolean;
  readonly forbidden: boolean;
}

const reaction: fc.Arbitrary<Reaction> = fc.record({
  trigger: fc.constantFrom('event', 'event', 'event', 'wildcard', 'after', 'done', 'actor'),
  targets: fc.oneof(
    { weight: 5, arbitrary: fc.array(fc.nat(40), { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(40), { minLength: 2, maxLength: 3 }) },
  ),
  reenter: fc.boolean(),
  forbidden: fc.boolean(),
});

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.record({
    kind: fc.constantFrom('atomic', 'atomic', 'atomic', 'compound', 'parallel', 'final', 'history'),
    children: fc.oneof(
      { depthSize: 'medium', maxDepth: 4, withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('shape'), { minLength: 1, maxLength: 5 }),
    ),
    transitions: fc.array(reaction, { maxLength: 3 }),
    always: fc.boolean(),
    own: fc.uniqueArray(fc.constantFrom('entry', 'exit', 'tags', 'invoke', 'output'), { maxLength: 3 }),
  }),
}));

export const randomMachine: fc.Arbitrary<RandomMachine> = shape.map(build);

// biome-ignore lint/suspicious/noExplicitAny: a configuration as data has no useful type
type Config = Record<string, any>;

function build(root: Shape): RandomMachine & fc.WithToStringMethod {
  const keys: string[] = [];
  const words: string[] = [];
  const later: (() => void)[] = [];

  const transition = (reaction: Reaction): Config => {
    const word = `g${words.length}`;
    words.push(word);
    const config: Config = { guard: word, actions: [`a${words.length}`], reenter: reaction.reenter };
    // All states are known only when all are built, but the root reads this object only then.
    later.push(() => {
      const targets = [...new Set(reaction.targets.map((index) => keys[index % Math.max(1, keys.length)]))];
      if (keys.length > 0 && targets.length > 0) config.target = targets.map((key) => `#${key}`);
    });
    return config;
  };

  const stateOf = (
    { kind, children, transitions, always, own }: Shape,
    isRoot: boolean,
    inParallel = false,
  ): Config => {
    const config: Config = {};
    const inner = children.length > 0 && (kind === 'compound' || kind === 'parallel' || isRoot);
    if (inner) {
      config.states = {};
      for (const child of children) {
        const key = `s${keys.length}`;
        keys.push(key);
        config.states[key] = { id: key, ...stateOf(child, false, kind === 'parallel') };
      }
      const first = Object.keys(config.states).find((key) => config.states[key].type !== 'history');
      if (kind === 'parallel') config.type = 'parallel';
      else if (first !== undefined) config.initial = first;
      else {
        // Nothing but history states: XState needs an initial one.
        const key = `s${keys.length}`;
        keys.push(key);
        config.states[key] = { id: key };
        config.initial = key;
      }
    } else if (!isRoot && !inParallel && kind === 'final') {
      return { type: 'final', ...(own.includes('output') && { output: { done: true } }) };
    } else if (!isRoot && !inParallel && kind === 'history') {
      return { type: 'history', history: always ? 'deep' : 'shallow' };
    }
    if (own.includes('entry')) config.entry = ['enter', 'count'];
    if (own.includes('exit')) config.exit = 'leave';
    if (own.includes('tags')) config.tags = ['busy'];
    if (own.includes('invoke')) config.invoke = { src: 'worker', id: `w${keys.length}` };
    config.on = {};
    for (const [index, reaction] of transitions.entries()) {
      if (reaction.forbidden && reaction.trigger === 'event') {
        const word = `F${words.length}`;
        words.push(word);
        config.on[word] = {};
        continue;
      }
      switch (reaction.trigger) {
        case 'done':
          if (inner) config.onDone = [...(config.onDone ?? []), transition(reaction)];
          break;
        case 'after':
          config.after = { ...config.after, [1000 + index]: transition(reaction) };
          break;
        case 'actor':
          if (config.invoke) config.invoke.onDone = [...(config.invoke.onDone ?? []), transition(reaction)];
          break;
        default: {
          const type = reaction.trigger === 'wildcard' ? '*' : `EVENT.${index % 2}`;
          config.on[type] = [...(config.on[type] ?? []), transition(reaction)];
        }
      }
    }
    if (always)
      config.always = transition({ trigger: 'event', targets: [words.length], reenter: false, forbidden: false });
    return config;
  };

  const config = { id: 'random', ...stateOf(root, true) };
  for (const finish of later) finish();
  return { machine: createMachine(config), keys, words, [fc.toStringMethod]: () => JSON.stringify(config) };
}
