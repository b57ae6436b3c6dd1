/** What a search can say. A bounded search never says `holds`; `model-error`: the model cannot be judged, see its `ModelError`. */
export type Verdict = 'holds' | 'violated' | 'unknown' | 'model-error';

/**
 * Why a search stopped before the end of the space, or cannot know that it came to it: random walks never do, and end at the
 * latest when all `walks` are made; a search that keeps only `bits` of states may have missed some; and one that keeps no whole
 * states cannot look for `cycles`. What nothing witnesses within a `constraint` may be witnessed behind it.
 */
export type Bound = 'states' | 'seconds' | 'memory' | 'walks' | 'bits' | 'cycles' | 'constraint' | 'interrupted';

/** The process's exit status, everywhere. */
export const EXIT = { holds: 0, violated: 1, unknown: 2, usage: 3, model: 4, internal: 5 } as const;
