/**
 * Where a trace leads each actor: the states that it is in after each step, those that it only passes through, and the
 * transitions that it takes. A trace does not tell the last two, so it is run on live actors, and XState's own inspection
 * events say it.
 */
import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate';
import { ROOT, transitionsOf } from '../diagram/machine-graph.ts';
import type { System } from '../system/system.ts';
import { LiveSystem } from '../trace/live.ts';
import type { SystemState, Trace } from '../trace/trace.ts';

export interface Visit {
  /** The paths of the states that it is in after the step, outer ones included. */
  readonly states: readonly string[];
  /** Those that it was in within the step only. */
  readonly passed: readonly string[];
  /** Ids of the transitions that it took, in order. */
  readonly transitions: readonly string[];
}

/** Those that a step moved, or made take a transition, by name: actors and monitors. */
export type StepVisits = ReadonlyMap<string, Visit>;

export interface Visits {
  readonly start: StepVisits;
  /** As many as the trace has steps. */
  readonly steps: readonly StepVisits[];
}

export function visitsOf(system: System, trace: Trace): Visits {
  const observer = new Observer();
  const current = statesIn(trace.initial);
  const live = observer.quietly(() => new LiveSystem(observer.watched(system)));
  const start = new Map([...current].map(([name, states]) => [name, observer.visit(name, states)]));
  observer.forget();
  const steps = trace.steps.map((step): StepVisits => {
    // A step that broke off is shown up to where it did; nothing can follow it.
    if (live) observer.quietly(() => live.step(step));
    for (const { name, after } of step.changes) current.set(name, activePaths(after.value));
    const moved = new Set([...step.changes.map(({ name }) => name), ...observer.names()]);
    const visits = new Map([...moved].map((name) => [name, observer.visit(name, current.get(name) ?? [])]));
    observer.forget();
    return visits;
  });
  return { start, steps };
}

/** The paths of all active states of a state value, as diagrams name them; of a machine without states, its root. */
export function activePaths(value: unknown): string[] {
  const paths: string[] = [];
  const descend = (inner: unknown, prefix: string) => {
    const entries: [string, unknown][] =
      typeof inner === 'string' ? [[inner, {}]] : Object.entries((inner ?? {}) as Record<string, unknown>);
    for (const [key, deeper] of entries) {
      const path = prefix + key.replaceAll('.', '\\.');
      paths.push(path);
      descend(deeper, `${path}.`);
    }
  };
  descend(value, '');
  return paths.length === 0 ? [ROOT] : paths;
}

function statesIn({ actors, monitors }: SystemState): Map<string, readonly string[]> {
  return new Map(
    [...Object.entries(actors), ...Object.entries(monitors)].map(([name, { value }]) => [name, activePaths(value)]),
  );
}

type Microstep = Extract<InspectionEvent, { type: '@xstate.microstep' }>;

class Observer {
  readonly #seen = new Map<string, { passed: Set<string>; transitions: string[] }>();
  readonly #ids = new WeakMap<AnyStateMachine, ReadonlyMap<AnyTransitionDefinition, string>>();

  /** The same system, whose machines tell what they do. */
  watched(system: System): System {
    return {
      ...system,
      actors: Object.fromEntries(
        Object.entries(system.actors).map(([name, actor]) => [
          name,
          { ...actor, machine: this.#watched(name, actor.machine) },
        ]),
      ),
      properties: system.properties.map((property) =>
        property.kind === 'monitor'
          ? { ...property, machine: this.#watched(property.name, property.machine) }
          : property,
      ),
    };
  }

  names(): Iterable<string> {
    return this.#seen.keys();
  }

  visit(name: string, states: readonly string[]): Visit {
    const { passed = new Set<string>(), transitions = [] } = this.#seen.get(name) ?? {};
    return { states, passed: [...passed].filter((path) => !states.includes(path)), transitions };
  }

  forget(): void {
    this.#seen.clear();
  }

  /** A model error is told elsewhere: here there is then just less to see. */
  quietly<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch {
      return undefined;
    }
  }

  /** A live system works on copies that a machine makes of itself: those are the ones to listen to. */
  #watched(name: string, machine: AnyStateMachine): AnyStateMachine {
    const watched = Object.create(machine) as AnyStateMachine;
    watched.provide = (implementations) => {
      const copy = machine.provide(implementations) as AnyStateMachine;
      const { getInitialSnapshot, transition } = copy;
      copy.getInitialSnapshot = (scope, input) => this.#listen(name, scope, () => getInitialSnapshot(scope, input));
      copy.transition = (snapshot, event, scope) => this.#listen(name, scope, () => transition(snapshot, event, scope));
      return copy;
    };
    return watched;
  }

  #listen<T>(name: string, scope: AnyActorScope, run: () => T): T {
    const listening = scope.system.inspect((event: InspectionEvent) => {
      if (event.type === '@xstate.microstep' && event.actorRef === scope.self) this.#note(name, event);
    });
    try {
      return run();
    } finally {
      listening.unsubscribe();
    }
  }

  #note(name: string, { snapshot, _transitions }: Microstep): void {
    // A monitor hears of every message, and does nothing about most of them.
    if (_transitions.length === 0) return;
    const seen = this.#seen.get(name) ?? { passed: new Set<string>(), transitions: [] };
    this.#seen.set(name, seen);
    for (const path of activePaths((snapshot as AnyMachineSnapshot).value)) seen.passed.add(path);
    for (const transition of _transitions) {
      const id = this.#idOf(transition);
      if (id !== undefined) seen.transitions.push(id);
    }
  }

  #idOf(transition: AnyTransitionDefinition): string | undefined {
    const { machine } = transition.source;
    let ids = this.#ids.get(machine);
    if (!ids) {
      ids = new Map(transitionsOf(machine).map(({ id, definition }) => [definition, id]));
      this.#ids.set(machine, ids);
    }
    return ids.get(transition);
  }
}
