/**
 * Whether a machine has the states that somebody asks for: what `snapshot.matches` and `rest` take is a state value, and one with
 * a misspelt name is false for ever without a word.
 */
import type { AnyStateMachine, AnyStateNode, EventObject, StateValue } from 'xstate';
import { didYouMean, ModelError } from './errors.ts';
import { descriptorsOf, isSelected, tagsOf } from './message-types.ts';
import { xstateOf } from './xstate.ts';

/**
 * @param root the root node of the machine
 * @param value as `matches` takes it: `'a'`, `'a.b'`, `{ a: 'b' }`
 * @param where how an error begins, as `rest of actor "smmu"`
 * @throws ModelError `bad-definition` for the first part of the value that is no state there
 */
export function checkStateValue(root: AnyStateNode, value: unknown, where: string): void {
  const { pathToStateValue } = xstateOf(root.machine).xstate;
  check(root, typeof value === 'string' ? pathToStateValue(statePathOf(value)) : value, where);
}

/** @throws ModelError `bad-definition` for a tag that no state of the machine has */
export function checkTag(machine: AnyStateMachine, tag: unknown, where: string): void {
  const tags = tagsOf(machine);
  if (tags.includes(tag as string)) return;
  throw bad(
    `${where} names the tag ${JSON.stringify(tag) ?? String(tag)}, which no state of its machine has`,
    tags.length === 0 ? 'it has no tags' : didYouMean(String(tag), tags),
  );
}

/** @throws ModelError `bad-definition` for an event that the machine takes nowhere */
export function checkEvent(machine: AnyStateMachine, event: EventObject, where: string): void {
  const descriptors = descriptorsOf(machine);
  const type = (event as EventObject | undefined)?.type;
  if (typeof type === 'string' && isSelected(type, descriptors)) return;
  throw bad(
    `${where} names the message ${JSON.stringify(type) ?? String(type)}, for which its machine has no transition`,
    didYouMean(String(type), descriptors),
  );
}

function check(node: AnyStateNode, value: unknown, where: string): void {
  if (typeof value === 'string') {
    childOf(node, value, where);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    throw bad(`${where} names a state by ${JSON.stringify(value) ?? String(value)}`, "write 'a', 'a.b' or { a: 'b' }");
  }
  for (const [name, inner] of Object.entries(value as Record<string, StateValue | undefined>)) {
    const child = childOf(node, name, where);
    // `{ a: {} }` asks for `a` alone.
    if (inner !== undefined) check(child, inner, where);
  }
}

function childOf(node: AnyStateNode, name: string, where: string): AnyStateNode {
  const names = Object.keys(node.states);
  if (names.includes(name)) return node.states[name] as AnyStateNode;
  const within = node.parent ? `the state "${node.path.join('.')}"` : 'its machine';
  throw bad(
    `${where} names the state "${name}", which ${within} does not have`,
    names.length === 0 ? 'it has no states' : didYouMean(name, names),
  );
}

/** As XState splits it: a backslash keeps a dot in a name. */
function statePathOf(value: string): string[] {
  return value.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}

function bad(message: string, hint: string): ModelError {
  return new ModelError('bad-definition', message, hint);
}
