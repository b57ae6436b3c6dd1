/** What was seen of one machine: of its states, transitions, guards and messages. */
export class Seen {
  /** Paths of states, as diagrams name them. */
  readonly states = new Set<string>();
  /** Ids of transitions. */
  readonly transitions = new Set<string>();
  /** By transition: how its guard turned out. */
  readonly outcomes = new Map<string, Set<boolean>>();
  /** Types of the messages that it took, those that it raised for itself included. */
  readonly messages = new Set<string>();
  /** Types of the messages that it refused somewhere. */
  readonly refused = new Set<string>();

  addOutcome(transition: string, outcome: boolean): void {
    const known = this.outcomes.get(transition);
    if (known) known.add(outcome);
    else this.outcomes.set(transition, new Set([outcome]));
  }

  addAll(other: Seen): void {
    for (const key of ['states', 'transitions', 'messages', 'refused'] as const) {
      for (const name of other[key]) this[key].add(name);
    }
    for (const [transition, outcomes] of other.outcomes) {
      for (const outcome of outcomes) this.addOutcome(transition, outcome);
    }
  }
}
