/** The states and transitions of a machine as pictures need them, all names as text. */

/** The machine itself, as a state: what all others lie in. */
export const ROOT = '(root)';

export interface Invocation {
  /** What diagrams call the actor: its id, or its source where XState makes up an id. */
  readonly name: string;
  /** What is started: the name of an entry of `actors`, or `inline`. */
  readonly src: string;
  /** Its id, if the machine gives one; XState makes one up otherwise. */
  readonly id: string | null;
  readonly systemId: string | null;
}

export interface GraphState {
  /** The keys from the machine down to it, joined by dots: `open.reading`; `(root)` for the machine itself. */
  readonly path: string;
  /** XState's id: `door.open.reading`, unless the machine gives another. */
  readonly id: string;
  /** Its own key, or the machine's id. */
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: string | null;
  readonly children: readonly string[];
  readonly initial: { readonly target: string; readonly actions: readonly string[] } | null;
  readonly history: 'shallow' | 'deep' | null;
  /** Where a history state leads when nothing is remembered. Empty for the parent's own initial state. */
  readonly historyDefault: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly Invocation[];
  readonly tags: readonly string[];
  readonly output: string | null;
  readonly description: string | null;
  /** In a folded graph: the paths of the alike states that it stands for. */
  readonly members?: readonly string[];
  /** In the overview of a divided picture: how many states lie in it, which are drawn elsewhere. */
  readonly contents?: number;
}

export type Trigger =
  | { readonly kind: 'event'; readonly type: string }
  | { readonly kind: 'always' }
  /** `delay` as text, `1000 ms` or the name of an entry of `delays`. */
  | { readonly kind: 'after'; readonly delay: string; readonly milliseconds: number | null }
  /** The state's own final state was reached. */
  | { readonly kind: 'done' }
  | { readonly kind: 'actor-done' | 'actor-error' | 'actor-snapshot'; readonly actor: string };

export interface GraphTransition {
  /** `idle FETCH`, or `idle FETCH/1` for the second one of the same state and event. */
  readonly id: string;
  readonly source: string;
  readonly trigger: Trigger;
  /** The trigger in words: `FETCH`, `always`, `after 1000 ms`, `onDone fetchUser`. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** Empty for a transition that stays where it is; several where regions of a parallel state are entered. */
  readonly targets: readonly string[];
  /**
   * `internal` has no target; `local` stays inside its source without leaving it; `external` leaves its source, or
   * leaves and enters it again.
   */
  readonly kind: 'internal' | 'local' | 'external';
  /** `EVENT: {}`: deliberately ignored, also where an outer state would take the event. */
  readonly forbidden: boolean;
  /** It says `reenter: true`: its source is left and entered again even when the target lies inside. */
  readonly reenter: boolean;
  readonly description: string | null;
  /** In a folded graph: the ids of the transitions that it stands for. */
  readonly members?: readonly string[];
  /** In a folded graph: of which states within its source it is, `every page`, where it is not the source's own. */
  readonly of?: string;
  /** In a folded graph: which of the alike states it leads from and to, `from page11`. */
  readonly between?: string;
}

export interface MachineShape {
  /** In document order; the first is the root. */
  readonly states: readonly GraphState[];
  /** In document order of their sources, and in the order in which XState tries them. */
  readonly transitions: readonly GraphTransition[];
}

export interface MachineGraph extends MachineShape {
  readonly kind: 'machine';
  /** What the picture is called. */
  readonly name: string;
  readonly machineId: string;
  /** Sentences that stand under the picture: what in it its author may not have meant, and what is folded. */
  readonly notes: readonly string[];
}

/** Whether `inner` is `outer` or lies inside it. */
export function isWithin(inner: string, outer: string): boolean {
  return outer === ROOT || inner === outer || inner.startsWith(`${outer}.`);
}
