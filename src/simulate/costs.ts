/**
 * The `timing` section as the simulation asks it: what a step costs, found once for each local state and message of who takes it.
 *
 * A *cost* is a number: that of a distribution with the resource that is held, when the step happens, and its weight. Two steps with one
 * cost are timed by the same entry of the section, and alike.
 */
import type { EventObject, StateValue } from 'xstate';
import { Things } from '../stress/things.ts';
import { constant, type Distribution, type Duration, distributionOf } from '../system/durations.ts';
import { ModelError, textOf } from '../system/errors.ts';
import { bad, described } from '../system/shapes.ts';
import type { System } from '../system/system.ts';
import {
  type ChannelTiming,
  type StepTiming,
  type StepView,
  type Takes,
  type Timing,
  UNITS,
} from '../system/timing.ts';
import { inPerturbedWorld } from '../tabulate/perturb.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { describe, type LocalState } from '../tabulate/stepper.ts';
import { checkTiming, isNamedBy, statesOf, timingsOf } from './check-timing.ts';
import type { Draw } from './draws.ts';

/** Of what never happens by itself. */
export const NEVER = 0;
/** No resource, no weight. */
export const NONE = -1;

export interface Cost {
  readonly takes: Distribution;
  /** The random stream that its times are drawn from. */
  readonly stream: number;
  readonly resource: number;
  readonly atStart: boolean;
  readonly weight: number;
  /** Of choices that name a thing: which of `draws` says which. */
  readonly draw: number;
}

export interface Resource {
  readonly name: string;
  readonly units: number;
  readonly wakeUp: Distribution;
  readonly stream: number;
  /** Its actor may go on with it at once. */
  readonly keepsAtOnce: boolean;
  /** Which actors keep it, while they are in which states. */
  readonly keepsIn: readonly { readonly pattern: string; readonly states: readonly StateValue[] }[];
}

/** An entry of the section. */
interface Entry {
  readonly timing: StepTiming;
  /** As errors name it. */
  readonly place: string;
  readonly streams: { readonly takes: number; readonly delay: number };
  readonly draw: number;
  isUsed: boolean;
}

/** A channel that takes time, or loses or doubles messages. */
export interface Link {
  readonly timing: ChannelTiming;
  readonly latencyStream: number;
  readonly fateStream: number;
}

const AT_ONCE = constant(0);

export class Costs {
  readonly costs: Cost[] = [{ takes: AT_ONCE, stream: 0, resource: NONE, atStart: false, weight: NONE, draw: NONE }];
  readonly resources: readonly Resource[];
  readonly links: ReadonlyMap<string, Link>;
  readonly draws: Draw[] = [];
  /** Draws which of several choices is made. */
  readonly choiceStream: number;
  readonly #system: System;
  readonly #things: Things;
  readonly #population: number;
  readonly #entries: Entry[] = [];
  /** By actor: in the order in which they are asked, by type of message. */
  readonly #byActor: ReadonlyMap<string, ReadonlyMap<string, readonly Entry[]>>;
  readonly #ids = new Map<string, number>();
  readonly #perMillisecond: number;
  #streams = 0;

  /**
   * @param population how many things there are
   * @throws ModelError `bad-definition` when the section is wrong, or has nothing for some choice
   */
  constructor(system: System, timing: Timing, population = system.population.length) {
    checkTiming(timing, system, population);
    this.#system = system;
    this.#things = new Things(system.population);
    this.#population = population;
    this.#perMillisecond = UNITS[timing.unit ?? 'us'] / UNITS.ms;
    this.choiceStream = this.#streams++;
    this.resources = Object.entries(timing.resources ?? {}).map(([name, { units, wakeUp = 0, keeps = false }]) => ({
      name,
      units,
      wakeUp: distributionOf(wakeUp, name),
      stream: this.#streams++,
      keepsAtOnce: keeps === true,
      keepsIn: Object.entries(typeof keeps === 'object' ? keeps : {}).map(([pattern, states]) => ({
        pattern,
        states: statesOf(states),
      })),
    }));
    this.links = new Map(
      Object.entries(timing.channels ?? {}).map(([name, channel]) => [
        name,
        { timing: channel, latencyStream: this.#streams++, fateStream: this.#streams++ },
      ]),
    );
    const patterns = Object.entries(timing.actors ?? {}).map(([pattern, byType]) => ({
      pattern,
      entries: Object.entries(byType).map(([type, value]) => ({
        type,
        entries: this.#entriesOf(pattern, type, value),
      })),
    }));
    this.#byActor = new Map(
      Object.keys(system.actors).map((name) => {
        const exact = patterns.filter(({ pattern }) => pattern === name);
        const others = patterns.filter(({ pattern }) => pattern !== name && isNamedBy(pattern, name));
        const byType = new Map<string, Entry[]>();
        for (const { type, entries } of [...exact, ...others].flatMap((found) => found.entries)) {
          byType.set(type, [...(byType.get(type) ?? []), ...entries]);
        }
        return [name, byType];
      }),
    );
    this.#requireChoices();
  }

  /** The entries of the section that have timed nothing so far. */
  get unused(): string[] {
    return this.#entries.filter(({ isUsed }) => !isUsed).map(({ place }) => place);
  }

  #entriesOf(pattern: string, type: string, value: unknown): Entry[] {
    return timingsOf(value).map((timing, at, all) => {
      const streams = { takes: this.#streams++, delay: this.#streams++ };
      const place = `timing of "${pattern}": ${type}${all.length > 1 ? `[${at}]` : ''}`;
      const entry = { timing, place, streams, draw: this.#drawOf(timing), isUsed: false };
      this.#entries.push(entry);
      return entry;
    });
  }

  #drawOf({ draws }: StepTiming): number {
    if (draws === undefined) return NONE;
    const { order, from = 0, count = this.#population - from, exponent = 1 } = draws;
    return this.draws.push({ order, from, count, exponent, stream: this.#streams++ }) - 1;
  }

  /** The draws that an actor needs things of for its choices. */
  drawsOf(name: string, choices: readonly EventObject[]): number[] {
    const draws = choices.flatMap(({ type }) => this.#entriesFor(name, type).map(({ draw }) => draw));
    return [...new Set(draws)].filter((draw) => draw !== NONE).sort((one, other) => one - other);
  }

  /** Which of `draws` says what a choice names, in a state of its actor; `NONE` where it is not drawn. */
  drawOf(name: string, choice: EventObject, local: LocalState): number {
    return this.#entryFor(name, choice, local)?.draw ?? NONE;
  }

  /** The thing that a choice names, which is to be drawn. @throws ModelError `bad-definition` where it does not name one */
  thingOf(name: string, event: EventObject): number {
    const own = this.#things.familyOf(name);
    const [thing, another] = this.#things.namedIn(event).filter((named) => named !== own?.thing);
    if (thing !== undefined && another === undefined) return thing;
    throw bad(
      `timing draws what the choice ${event.type} of actor "${name}" names, and ${canonicalKey(event, 'choice')} names ` +
        `${thing === undefined ? 'nothing' : 'several things'} of the population, expected one thing`,
      '`draws` says which page it is that a device touches, or the like',
    );
  }

  /** Where nothing is said of a type in any state, no run is needed to see that. */
  #requireChoices(): void {
    for (const [name, { choices }] of Object.entries(this.#system.actors)) {
      for (const { type } of choices) {
        if (!this.#entriesFor(name, type).some(({ timing }) => timing.takes !== undefined)) {
          throw noDuration(name, type, 'in any state');
        }
      }
    }
  }

  #entriesFor(name: string, type: string): readonly Entry[] {
    const byType = this.#byActor.get(name)!;
    return [...(byType.get(type) ?? []), ...(byType.get('*') ?? [])];
  }

  #entryFor(name: string, event: EventObject, local: LocalState, has?: 'delay'): Entry | undefined {
    return this.#entriesFor(name, event.type).find(({ timing }) => {
      if (has !== undefined && timing[has] === undefined) return false;
      if (timing.in === undefined) return true;
      return statesOf(timing.in).some((state) => local.snapshot.matches(state as never));
    });
  }

  /**
   * @param name of the actor that takes the message
   * @param isChoice it is a choice, which takes some time that only the section can know
   * @throws ModelError `bad-definition` when the section does not say how long a choice takes, or gives a negative time
   */
  costOf(name: string, event: EventObject, local: LocalState, isChoice: boolean): number {
    const entry = this.#entryFor(name, event, local);
    if (entry) entry.isUsed = true;
    const { takes, uses, effect, weight = NONE } = entry?.timing ?? {};
    if (takes === undefined && isChoice) throw noDuration(name, event.type, `in ${describe(local)}`);
    const cost: Cost = {
      takes: entry && takes !== undefined ? this.#distribution(takes, entry, 'takes', event, local) : AT_ONCE,
      stream: entry?.streams.takes ?? 0,
      resource: uses === undefined ? NONE : this.resources.findIndex((resource) => resource.name === uses),
      atStart: effect === 'start',
      weight: isChoice ? weight : NONE,
      draw: isChoice && entry ? entry.draw : NONE,
    };
    const key = JSON.stringify(cost);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.costs.push(cost) - 1;
    this.#ids.set(key, id);
    return id;
  }

  /** When a timer fires, from when it is armed; and the stream that it is drawn from. @param delay of the machine, ms */
  delayOf(name: string, event: EventObject, local: LocalState, delay: number): readonly [Distribution, number] {
    const entry = this.#entryFor(name, event, local, 'delay');
    if (!entry) return [constant(delay * this.#perMillisecond), 0];
    entry.isUsed = true;
    return [this.#distribution(entry.timing.delay!, entry, 'delay', event, local), entry.streams.delay];
  }

  #distribution(takes: Takes, { place }: Entry, what: string, event: EventObject, local: LocalState): Distribution {
    const where = `${place}: ${what}`;
    if (typeof takes !== 'function') return distributionOf(takes, where);
    const { value, context } = local.snapshot;
    const view = Object.freeze({ event, value, context }) as StepView;
    return distributionOf(
      asked(where, () => takes(view)),
      where,
    );
  }

  /** How long a message is on its way in a channel, and for how long it holds up those behind it. */
  transitOf(channel: string, event: EventObject): { readonly latency: Distribution; readonly occupies: number } {
    const { latency = 0, bandwidth, size } = this.links.get(channel)!.timing;
    const place = `timing of channel "${channel}"`;
    const view = event as StepView['event'];
    const drawn = typeof latency === 'function' ? asked(`${place}: latency`, () => latency(view)) : latency;
    const length = typeof size === 'function' ? asked(`${place}: size`, () => size(view)) : (size ?? 0);
    if (!(typeof length === 'number' && Number.isFinite(length) && length >= 0)) {
      throw bad(`${place}: size of ${event.type} is ${described(length)}, expected a number from 0`);
    }
    return { latency: distributionOf(drawn, `${place}: latency`), occupies: length / (bandwidth ?? 1) };
  }
}

/** Twice, as all functions of the modeller's: it must be one. */
function asked<T extends Duration | number>(where: string, ask: () => T): T {
  try {
    const answer = ask();
    const again = inPerturbedWorld(ask);
    if (again.asked || canonicalKey(answer, where) !== canonicalKey(again.result, where)) {
      throw new ModelError(
        'not-repeatable',
        `${where} gives another duration each time`,
        'let it give a distribution, as exponential(2), which is drawn from the seed',
      );
    }
    return answer;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('exception', `${where} threw: ${textOf(error)}`, 'a duration must not throw', {
      cause: error,
    });
  }
}

function noDuration(name: string, type: string, where: string): ModelError {
  return bad(
    `timing does not say how long the choice ${type} of actor "${name}" takes ${where}, expected a duration`,
    `add it: actors: { '${name}': { ${type}: exponential(2) } }, or 0 for what takes none`,
  );
}
