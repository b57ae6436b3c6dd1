/** What a search did not go on from, because an actor's constraint says so. */
import { bad } from '../system/shapes.ts';
import type { System } from '../system/system.ts';
import type { Tables } from '../tabulate/tables.ts';
import { asksForProgress } from './liveness/liveness.ts';

export interface Constrained {
  readonly actor: string;
  /** Its local states that do not meet the constraint. */
  readonly states: number;
}

/** By actor, as they are declared: those that have a constraint. */
export function constrainedIn({ system, actors, actorCount }: Tables): Constrained[] {
  return actors
    .slice(0, actorCount)
    .filter(({ name }) => system.actors[name]!.constraint)
    .map(({ name, outside }) => ({ actor: name, states: outside.size }));
}

/** Whether there is something behind a constraint that was not searched. */
export function isConstrained({ actors }: Tables): boolean {
  return actors.some(({ outside }) => outside.size > 0);
}

/** @throws ModelError `bad-definition` where runs would end at a constraint that have to come to something */
export function checkConstraints({ actors, properties }: System): void {
  const constrained = Object.keys(actors).find((name) => actors[name]!.constraint);
  const progress = properties.find(asksForProgress);
  if (constrained === undefined || !progress) return;
  throw bad(
    `actor "${constrained}" has a constraint, and "${progress.name}" asks for progress: a run that ends at the constraint comes to nothing`,
    'bound it in the machine itself, by a guard, or leave the property out',
  );
}
