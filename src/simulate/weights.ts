/** Which of the choices with a weight is the one that is made: one is drawn, and stays so as long as it is among the same ones. */
import { mix } from '../tabulate/digest.ts';
import { COST, DRAW, IS_DRAWN, IS_WEIGHTED, THING, TRAIT } from './clocks.ts';
import { type Costs, NONE } from './costs.ts';
import type { Draws } from './draws.ts';
import type { Streams } from './random.ts';
import { DRAWN_AMONG, STARTER_BITS, type Starters } from './starters.ts';
import { LIST_WORDS, STEP_WORDS, THINGS, TIMED_STEP } from './step-words.ts';
import type { Steps } from './steps.ts';

export class Weights {
  readonly #costs: Costs;
  readonly #draws: Draws;
  readonly #steps: Steps;
  readonly #starters: Starters;

  constructor(costs: Costs, draws: Draws, steps: Steps, starters: Starters) {
    this.#costs = costs;
    this.#draws = draws;
    this.#steps = steps;
    this.#starters = starters;
  }

  /** Whether others than at the last draw are enabled now. */
  isAmongOthers(starter: number, list: number): boolean {
    const { data } = this.#steps.pool;
    const end = list + LIST_WORDS + data[list]! * STEP_WORDS;
    let among = 1;
    for (let step = list + LIST_WORDS; step < end; step += STEP_WORDS) {
      if (this.#weightOf(starter, step) === NONE) continue;
      const things = data[step + THINGS]!;
      among = mix(mix(among, data[step + TIMED_STEP]!), things === 0 ? 0 : this.#steps.instanceOf(things));
    }
    const drawnAmong = (starter << STARTER_BITS) + DRAWN_AMONG;
    const isSame = this.#starters.words[drawnAmong] === among;
    this.#starters.words[drawnAmong] = among;
    return !isSame;
  }

  /** @returns the step that is drawn; `NONE` where none has a weight above 0 */
  draw(starter: number, list: number, streams: Streams): number {
    const end = list + LIST_WORDS + this.#steps.pool.data[list]! * STEP_WORDS;
    let total = 0;
    for (let step = list + LIST_WORDS; step < end; step += STEP_WORDS) {
      total += Math.max(0, this.#weightOf(starter, step));
    }
    if (total === 0) return NONE;
    let left = streams.uniform(this.#costs.choiceStream) * total;
    let drawn = NONE;
    for (let step = list + LIST_WORDS; step < end && left >= 0; step += STEP_WORDS) {
      const weight = this.#weightOf(starter, step);
      if (weight <= 0) continue;
      drawn = step;
      left -= weight;
    }
    return drawn;
  }

  /** `NONE` where it is not weighed: it races, or another one is drawn. */
  #weightOf(starter: number, step: number): number {
    const { data } = this.#steps.clocks.timed;
    const kind = this.#steps.pool.data[step + TIMED_STEP]!;
    const isWeighted = (data[kind + TRAIT]! & IS_WEIGHTED) !== 0 && this.isNext(starter, kind);
    return isWeighted ? this.#costs.costs[data[kind + COST]!]!.weight : NONE;
  }

  /** Whether a choice is the one that has been drawn, where that matters. */
  isNext(starter: number, kind: number): boolean {
    const { data } = this.#steps.clocks.timed;
    if ((data[kind + TRAIT]! & IS_DRAWN) === 0 || data[kind + THING] === NONE) return true;
    return data[kind + THING] === this.#draws.current(starter, data[kind + DRAW]!);
  }
}
