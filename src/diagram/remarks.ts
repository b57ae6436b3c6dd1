/**
 * What a picture shows that its author may not have meant: states to which no arrow leads, and states that end without
 * leading on. XState takes both without a word, and both are legal; so these are remarks, not errors.
 */
import { isWithin, type MachineShape, ROOT } from './machine-shape.ts';

/** Keys of a state's, or of an invoked actor's, configuration. One level too deep each of them names a state. */
export const XSTATE_KEYS: ReadonlySet<string> = new Set([
  ...['after', 'always', 'context', 'description', 'entry', 'exit', 'history', 'id', 'initial', 'invoke', 'meta', 'on'],
  ...['onDone', 'onError', 'onSnapshot', 'output', 'states', 'tags', 'target', 'type'],
]);

/** Sentences, those about names first. */
export function remarksOf(shape: MachineShape): string[] {
  const lost = unreached(shape);
  const misplaced = lost.filter(({ name }) => XSTATE_KEYS.has(name));
  const others = lost.filter(({ name }) => !XSTATE_KEYS.has(name)).map(({ path }) => path);
  return [
    ...misplaced.map(
      ({ path }) =>
        `no arrow leads to the state "${path}", which is named like a key of XState: it may stand one level too deep`,
    ),
    ...(others.length === 0
      ? []
      : [`no arrow leads to the ${others.length === 1 ? 'state' : 'states'} ${quotedList(others)}`]),
    ...endings(shape),
  ];
}

/** States that nothing outside of them enters. One whose surrounding state is never entered is not blamed for that. */
function unreached({ states, transitions }: MachineShape): MachineShape['states'] {
  const isRegion = new Set(states.filter(({ kind }) => kind === 'parallel').flatMap(({ children }) => children));
  const arrows = [
    ...transitions.flatMap(({ source, targets }) => targets.map((target) => ({ from: source, target }))),
    ...states.flatMap(({ path, initial, history, historyDefault }) => [
      ...(initial ? [{ from: path, target: initial.target }] : []),
      ...(history === null ? [] : historyDefault.map((target) => ({ from: path, target }))),
    ]),
  ];
  return states.filter(
    ({ path, kind }) =>
      path !== ROOT &&
      kind !== 'history' &&
      !isRegion.has(path) &&
      !arrows.some(({ from, target }) => isWithin(target, path) && !isWithin(from, path)),
  );
}

/** States whose own final state is reached, and then nothing happens any more. */
function endings({ states, transitions }: MachineShape): string[] {
  const byPath = new Map(states.map((state) => [state.path, state]));
  const finals = (path: string) => byPath.get(path)!.children.filter((child) => byPath.get(child)!.kind === 'final');
  // Whatever is active beside it may lead on, too: it, what surrounds it, and their other regions.
  const leadsOn = (path: string) =>
    transitions.some(({ source, targets, trigger }) =>
      source === path
        ? trigger.kind === 'done' || targets.length > 0
        : targets.length > 0 && !isWithin(source, path) && activeTogether(source, path, byPath),
    );
  return states.flatMap(({ path, kind, parent, children }) => {
    if (parent === null || leadsOn(path)) return [];
    // A region that ends waits for the others.
    if (kind === 'compound' && byPath.get(parent)!.kind !== 'parallel' && finals(path).length > 0) {
      const ends = finals(path);
      return [`"${path}" is done at ${quotedList(ends)}, but has no onDone: nothing leads on from there`];
    }
    if (kind === 'parallel' && children.every((region) => finals(region).length > 0)) {
      return [`"${path}" is done when all of its regions are, but has no onDone: nothing leads on from there`];
    }
    return [];
  });
}

/** Whether a state may be active while another is that it does not lie in. */
function activeTogether(
  one: string,
  other: string,
  byPath: ReadonlyMap<string, { kind: string; parent: string | null }>,
) {
  for (let at: string | null = one; at !== null; at = byPath.get(at)!.parent) {
    if (isWithin(other, at)) return at === one || byPath.get(at)!.kind === 'parallel';
  }
  return false;
}

const LISTED = 8;

/** `"a", "b" and "c"`; of many, the first and how many more. */
export function quotedList(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  if (quoted.length > LISTED) return `${quoted.slice(0, LISTED).join(', ')} and ${quoted.length - LISTED} more`;
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
