/**
 * Guards that tell how they turn out. XState reports the transitions that it takes, but not the guards that it asks on the way.
 *
 * The transitions' own guards are replaced in a machine that nobody else uses. What stands in their place is a guard of XState's
 * own kind, like `and` and `not`: a function with a `check`, which is asked with the guard's arguments.
 */
import { type AnyStateMachine, type AnyTransitionDefinition, and, type StateNode } from 'xstate';

interface Combined {
  check(snapshot: unknown, args: unknown, self: Combined): boolean;
}

/** @param machine a copy of one's own: its transitions are changed */
export function watchGuards(
  machine: AnyStateMachine,
  tell: (transition: AnyTransitionDefinition, outcome: boolean) => void,
): void {
  for (const transition of definitionsIn(machine.root)) {
    if (transition.guard === undefined) continue;
    // Of one guard alone: it knows how to look up names, parameters and combinations.
    const asked = and([transition.guard as never]) as unknown as Combined;
    const check: Combined['check'] = (snapshot, args) => {
      const outcome = asked.check(snapshot, args, asked);
      tell(transition, outcome);
      return outcome;
    };
    transition.guard = Object.assign(() => false, { check });
  }
}

function definitionsIn(node: StateNode): AnyTransitionDefinition[] {
  return [
    ...(node.always ?? []),
    ...[...node.transitions.values()].flat(),
    ...Object.values(node.states).flatMap((child) => definitionsIn(child as StateNode)),
  ] as AnyTransitionDefinition[];
}
