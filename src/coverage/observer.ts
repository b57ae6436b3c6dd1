/**
 * Takes the steps of one actor once more, those that occurred in a search, and notes what XState goes through in them.
 *
 * - A *state* was entered in a step that happened, or at the start; also one that the same step leaves again.
 * - A *transition* was taken in one. A forbidden one (`EVENT: {}`) does its work as well where it keeps a choice from being
 *   enabled.
 * - A *guard* turned out true or false when it was asked in one, when a choice was looked at in a reachable state, or when it
 *   made the actor refuse a message.
 */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { pathOf, transitionsOf } from '../diagram/machine-graph.ts';
import { ModelError } from '../system/errors.ts';
import type { Listener, LocalState } from '../tabulate/stepper.ts';
import type { ActorTable, Message } from '../tabulate/tables.ts';
import { Seen } from './seen.ts';

export class Observer {
  readonly seen = new Seen();
  readonly #actor: ActorTable;
  readonly #ids: ReadonlyMap<AnyTransitionDefinition, string>;
  readonly #guards: Listener['guard'];
  readonly #all: Listener;

  constructor(actor: ActorTable) {
    const { seen } = this;
    this.#actor = actor;
    this.#ids = new Map(transitionsOf(actor.stepper.machine).map(({ id, definition }) => [definition, id]));
    this.#guards = (transition, outcome) => seen.addOutcome(this.#idOf(transition), outcome);
    this.#all = {
      guard: this.#guards,
      microstep: (event, transitions, nodes) => {
        if (transitions.length > 0) seen.messages.add(event.type);
        for (const transition of transitions) seen.transitions.add(this.#idOf(transition));
        for (const node of nodes) seen.states.add(pathOf(node));
      },
    };
  }

  /** @param inputs from which it may start */
  start(inputs: readonly unknown[]): void {
    // XState tells of transitions, and the start is none; it may lead on from these states at once.
    for (const node of enteredWith(this.#actor.stepper.machine.root)) this.seen.states.add(pathOf(node));
    for (const input of inputs) this.#quietly(() => this.#actor.stepper.retraceStart(this.#all, input));
  }

  took(local: number, { event, timer }: Message): void {
    // It sends to another actor, and its own machine takes no step.
    if (timer?.to !== undefined) return;
    if (!timer) this.seen.messages.add(event.type);
    this.#quietly(() => this.#actor.stepper.retrace(this.#all, this.#local(local), event));
  }

  refused(local: number, { event }: Message): void {
    this.seen.refused.add(event.type);
    this.#select(local, event);
  }

  /** A choice that is enabled may be part of a step, or of none because of a refusal: only its guards are noted here. */
  lookedAt(local: number, { event }: Message): void {
    for (const transition of this.#select(local, event)) {
      const isForbidden = transition.target === undefined && transition.actions.length === 0;
      if (isForbidden) this.seen.transitions.add(this.#idOf(transition));
    }
  }

  #select(local: number, event: Message['event']): readonly AnyTransitionDefinition[] {
    const listener = { guard: this.#guards, microstep: () => {} };
    return this.#quietly(() => this.#actor.stepper.select(listener, this.#local(local), event)) ?? [];
  }

  #local(local: number): LocalState {
    return this.#actor.locals[local]!;
  }

  #idOf(transition: AnyTransitionDefinition): string {
    return this.#ids.get(transition)!;
  }

  /** A machine that fails here has failed in the search, whose verdict says so. */
  #quietly<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (error instanceof ModelError) return undefined;
      throw error;
    }
  }
}

/** A state and what is entered within it by default. */
function enteredWith(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states) as AnyStateNode[];
  if (node.type === 'parallel') {
    return [node, ...children.filter(({ type }) => type !== 'history').flatMap(enteredWith)];
  }
  const targets = node.type === 'compound' ? (node.initial.target as readonly AnyStateNode[]) : [];
  return [node, ...targets.flatMap((target) => [...between(node, target), ...enteredWith(target)])];
}

/** An initial state may lie deeper than a child. */
function between(outer: AnyStateNode, inner: AnyStateNode): AnyStateNode[] {
  const parent = inner.parent as AnyStateNode | undefined;
  return parent === undefined || parent === outer ? [] : [parent, ...between(outer, parent)];
}
