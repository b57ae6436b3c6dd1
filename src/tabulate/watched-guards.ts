/**
 * Guards that tell how they turn out. XState reports the transitions that it takes, but not the guards that it asks on the way.
 *
 * The transitions' own guards are replaced in a machine that nobody else uses. What stands in their place is a guard of XState's
 * own kind, like `and` and `not`: a function with a `check`, which is asked with the guard's arguments.
 */
import type { AnyStateMachine, AnyTransitionDefinition, StateNode } from 'xstate';
import { xstateOf } from '../system/xstate.ts';

interface Combined {
  check(snapshot: unknown, args: unknown, self: Combined): boolean;
  /** Of `and`, `or` and `not`. */
  readonly guards?: readonly unknown[];
}

type Guard = (args: unknown, params: unknown) => unknown;

/** Hears of what the modeller's own guards come to. */
interface GuardListener {
  /** Before XState takes it for true or false. */
  returned(guard: string, outcome: unknown): void;
  /** Before XState makes an error of its own of it, which keeps nothing but the text. */
  threw(error: unknown): void;
}

/** @param machine a copy of one's own: its transitions and implementations are changed */
export function hearGuards(machine: AnyStateMachine, listener: GuardListener): void {
  const heard = (guard: unknown, name: string): unknown => {
    if (typeof guard !== 'function') return guard;
    if ('check' in guard) {
      const { guards } = guard as unknown as Combined;
      // A guard of XState's is asked with itself, so a copy is as good.
      return guards ? Object.assign(() => false, guard, { guards: guards.map((part) => heard(part, name)) }) : guard;
    }
    const asked = (args: unknown, params: unknown) => {
      try {
        const outcome = (guard as Guard)(args, params);
        listener.returned(name, outcome);
        return outcome;
      } catch (error) {
        listener.threw(error);
        throw error;
      }
    };
    return Object.defineProperty(asked, 'name', { value: guard.name });
  };
  const { guards } = machine.implementations;
  for (const [name, guard] of Object.entries(guards)) guards[name] = heard(guard, name) as never;
  for (const transition of definitionsIn(machine.root)) {
    const { guard } = transition;
    transition.guard = heard(guard, (guard as { name?: string } | undefined)?.name || '(anonymous)') as never;
  }
}

/** @param machine a copy of one's own: its transitions are changed */
export function watchGuards(
  machine: AnyStateMachine,
  tell: (transition: AnyTransitionDefinition, outcome: boolean) => void,
): void {
  const { and } = xstateOf(machine).xstate;
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
