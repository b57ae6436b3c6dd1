/** Checkpoints of a check: what they belong to, when one is saved, and how a search goes on from one. */
import {
  type Checkpoint,
  CheckpointError,
  differenceOf,
  type Identity,
  identityOf,
  versionsInUse,
} from './checkpoint.ts';
import { StoreFull } from './memory.ts';
import type { CheckOptions } from './options.ts';
import type { Plan } from './plan.ts';

export class Saving {
  readonly #plan: Plan;
  readonly #options: CheckOptions;
  readonly #seconds: () => number;
  readonly #identity: Omit<Identity, 'title'>;
  /** When that was, in seconds of the check. */
  #saved = 0;

  /**
   * Undefined when no checkpoints are asked for.
   *
   * @param seconds that the check has taken
   * @throws ModelError `not-plain-data` for a system that nests too deep
   */
  static of(plan: Plan, options: CheckOptions, seconds: () => number): Saving | undefined {
    return options.checkpoint || options.resume ? new Saving(plan, options, seconds) : undefined;
  }

  private constructor(plan: Plan, options: CheckOptions, seconds: () => number) {
    const { explorer, symmetry } = plan;
    const { system } = explorer.tables;
    this.#plan = plan;
    this.#options = options;
    this.#seconds = seconds;
    this.#identity = {
      system: identityOf(system),
      search: 'breadth-first',
      store: 'exact',
      symmetry: symmetry !== undefined,
      allViolations: explorer.violations !== undefined,
      versions: versionsInUse(system),
      origin: options.origin ?? {},
    };
  }

  /** Goes on from the checkpoint that the caller gave, if it gave one; the time to the next one begins. @throws CheckpointError */
  begin(): void {
    const { resume } = this.#options;
    if (resume) this.#resume(resume);
    this.#saved = this.#seconds();
  }

  #resume({ identity, snapshot }: Checkpoint): void {
    const hint = `it is of \`${identity.title}\`; give the same arguments, or start anew without resuming`;
    const difference = differenceOf(identity, this.#identity);
    if (difference !== undefined) throw new CheckpointError(`the checkpoint is of another search: ${difference}`, hint);
    let other: string | undefined;
    try {
      other = this.#plan.explorer.resume!(snapshot);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      throw new CheckpointError(
        'the checkpoint does not fit into the memory that the search may take',
        'let it have more',
      );
    }
    if (other === undefined) return;
    const why = 'something that its functions refer to has changed';
    throw new CheckpointError(
      `the checkpoint is of another version of the system: ${other} is not what it was (${why})`,
      hint,
    );
  }

  /** Saves a checkpoint when it is time. */
  saveInTime(): void {
    const { checkpoint } = this.#options;
    if (checkpoint && this.#seconds() - this.#saved >= checkpoint.every) this.save();
  }

  /** Saves a checkpoint, if one is asked for and there is something to save. */
  save(): void {
    const { checkpoint } = this.#options;
    const { explorer } = this.#plan;
    if (!checkpoint) return;
    const snapshot = explorer.done ? undefined : explorer.snapshot?.();
    if (snapshot) {
      const { title } = checkpoint;
      checkpoint.save({ identity: { ...this.#identity, title }, seconds: this.#seconds(), snapshot });
    }
    // Saving may take longer than the interval.
    this.#saved = this.#seconds();
  }
}
