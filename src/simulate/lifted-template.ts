/**
 * The few things that a system with a population is declared with, for whatever is asked of XState: a situation is put together there,
 * with the first thing of it in the place of the template's first thing, and so on; the walker runs the steps of the starter; and what
 * they do is told by places. That the names of things matter for nothing else is what `population` declares, and is checked as in
 * stress runs.
 */
import { Forms } from '../stress/forms.ts';
import { newBuffers } from '../stress/shared-tables.ts';
import { notLiftable, Template } from '../stress/template.ts';
import { bad } from '../system/shapes.ts';
import type { CompleteChannel, System } from '../system/system.ts';
import { lastAttempt } from '../tabulate/path.ts';
import { DELIVER, LOSE, Tables } from '../tabulate/tables.ts';
import { type StepRecord, Walker } from '../tabulate/walker.ts';
import { IS_DRAWN } from './clocks.ts';
import { type Costs, NONE } from './costs.ts';
import type { Kinds, Members } from './lifted-state.ts';
import type { LiftedStep, Placed, Seen } from './lifted-words.ts';
import { RenamingGuard } from './renaming-guard.ts';
import { type Read, ROOM_MAX } from './situation.ts';
import { StepCosts } from './step-costs.ts';

/** What the tables of forms have room for, as a part of what they have in a stress run. */
const ROOM = 1 / 4;

export class LiftedTemplate {
  readonly template: Template;
  readonly tables: Tables;
  readonly forms: Forms;
  readonly stepCosts: StepCosts;
  readonly #costs: Costs;
  readonly #walker: Walker;
  readonly #guard: RenamingGuard;
  /** By slot of the template: the kind, and the thing of a member. */
  readonly #ends: { readonly kind: number; readonly thing: number }[] = [];
  readonly #slots: number[][] = [];
  #kinds: Kinds | undefined;
  #members: readonly Members[] = [];
  #start: Int32Array = new Int32Array(0);

  /** @throws ModelError `not-liftable` where things of the population are not what they are declared to be */
  constructor(system: System, costs: Costs) {
    this.template = new Template(system);
    const { owners, channels } = this.template;
    const unordered = channels.find(([, { order }]) => order !== 'fifo');
    if (unordered) {
      throw notLiftable(`channel "${unordered[0]}" is not a queue, and those of a simulated population are`);
    }
    this.tables = new Tables(withShortQueues(system), { wholeChannels: true });
    this.forms = new Forms(this.template, newBuffers(1, ROOM), () => {});
    this.#guard = new RenamingGuard(this.template, this.forms, this.tables);
    this.#costs = costs;
    this.#walker = new Walker(this.tables);
    this.stepCosts = new StepCosts(this.tables, costs, this.#walker);
    for (const { kind, names } of owners) {
      this.#slots[kind] = names.map((name) => this.tables.actors.find((actor) => actor.name === name)!.slot);
      this.#slots[kind]!.forEach((slot, thing) => {
        this.#ends[slot] = { kind, thing };
      });
    }
    channels.forEach(([name], at) => {
      const { slot } = this.tables.partsOf.get(name)![0]!;
      this.#slots[owners.length + at] = [slot];
      this.#ends[slot] = { kind: owners.length + at, thing: 0 };
    });
  }

  /** @param members by kind, whose first form is that at the start @returns what is armed then */
  start(kinds: Kinds, members: readonly Members[]) {
    const { owners } = this.template;
    const { state, arms, records } = this.stepCosts.start(0);
    this.#kinds = kinds;
    this.#members = members;
    this.#start = state;
    const channel = this.tables.channels.find(({ slot }) => state[slot] !== 0);
    if (channel) throw notLiftable(`channel "${channel.name}" holds messages at the start`);
    const sent = records.find(({ slot }) => owners[this.#ends[slot]!.kind]!.isFamily);
    if (sent) throw notLiftable(`"${this.tables.nameOf(sent.slot)}" takes a message at the start`);
    for (const owner of owners) {
      const forms = owner.names.map((name, thing) => {
        const slot = this.#slots[owner.kind]![thing]!;
        const filled = this.forms.formOf(owner, thing, this.tables.actors[slot]!.locals[state[slot]!]!);
        if (filled.things.length > (owner.isFamily ? 1 : 0)) {
          throw notLiftable(`"${name}" names things of the population at the start`);
        }
        return filled.id;
      });
      if (new Set(forms).size > 1) throw notLiftable(`the members of "${owner.name}" start in different states`);
      this.#intern(owner.kind, forms[0]!);
    }
    // Of a family one stands for all: they start alike.
    const first = arms.filter(({ slot }) => this.#ends[slot]!.thing === 0);
    const later = records.flatMap((record) => this.stepCosts.armsOf(record));
    return [...first, ...later].map((arm) => this.#armed(arm));
  }

  /** The number of a form among those of its kind. */
  #intern(kind: number, id: number): number {
    const { owner, local, things } = this.forms.states[id]!;
    return this.#members[kind]!.intern(id, { local, things: owner.isFamily ? things - 1 : things });
  }

  /** The draws that say which things the choices of an actor name, in what it is. */
  drawsOf(seen: Seen, places: number): number[] {
    const { actor, local } = this.#ownOf(seen);
    const draws = actor.choices.flatMap((choice) => {
      const { event } = this.tables.messages[choice]!;
      if (!actor.stepper.chooses(local, event)) return [];
      const draw = this.#costs.drawOf(actor.name, event, local);
      if (draw !== NONE) return [draw];
      const stranger = this.template.things.namedIn(event).find((thing) => thing >= places);
      if (stranger === undefined) return [];
      throw bad(
        `the choice ${event.type} of actor "${actor.name}" may name any thing of the population, expected \`draws\` in its timing`,
        `say which it is: ${event.type}: { takes: …, draws: { order: 'uniform' } }`,
      );
    });
    return [...new Set(draws)].sort((one, other) => one - other);
  }

  /** The first of what a starter looks at is itself. */
  #ownOf({ read, form }: Seen) {
    const slot = this.#slots[read.kind]![0]!;
    const actor = this.tables.actors[slot]!;
    return { actor, local: actor.locals[this.#valueOf(read.kind, 0, form!)]! };
  }

  /**
   * The enabled steps of a starter.
   *
   * @param seen what it looks at, itself first
   * @param places how many things these name
   * @returns what else it looks at, where that is not all
   */
  stepsOf(seen: readonly Seen[], places: number): LiftedStep[] | Read {
    const walker = this.#walker;
    const { count } = this.template.things;
    if (places > count && count > 0) {
      throw notLiftable(`one step has to do with ${places} things at once, and the template has ${count}`);
    }
    const known = new Set<number>();
    const steps: LiftedStep[] = [];
    walker.begin([this.#slotOf(seen[0]!.read)]);
    walker.current.set(this.#start);
    for (const one of seen) {
      if (one.read.what === 'draw') continue;
      const slot = this.#slotOf(one.read);
      known.add(slot);
      walker.current[slot] = one.queue ? this.#contentOf(one) : this.#valueOf(one.read.kind, one.read.place, one.form!);
    }
    const state = walker.current.slice();
    walker.reads = [];
    walker.sights = [];
    walker.skipped = this.#skipped(seen);
    const missing = () => walker.reads!.find((slot) => !known.has(slot));
    try {
      for (;;) {
        walker.record = [];
        const goesOn = walker.next();
        const slot = missing();
        if (slot !== undefined) return this.#readOf(slot, places);
        this.#requireRoom(walker.record, seen);
        if (!goesOn) return steps;
        steps.push(this.#lifted(state, places));
      }
    } catch (error) {
      const slot = missing();
      if (slot !== undefined) return this.#readOf(slot, places);
      throw error;
    } finally {
      walker.abort();
      walker.reads = undefined;
      walker.sights = undefined;
      walker.skipped = undefined;
      walker.record = undefined;
    }
  }

  #slotOf({ kind, place }: Read): number {
    return this.#slots[kind]![place]!;
  }

  /** @throws ModelError `not-liftable` when it is a thing that nobody has named */
  #readOf(slot: number, places: number): Read {
    const { kind, thing } = this.#ends[slot]!;
    const { isFamily, channel } = this.#kinds!.all[kind]!;
    if (channel) return { what: 'room', kind, place: 0 };
    if (isFamily && thing >= places) {
      throw notLiftable(`a step sends to "${this.tables.nameOf(slot)}", which nothing in it has named`);
    }
    return { what: 'actor', kind, place: isFamily ? thing : 0 };
  }

  /** The choices that the timing draws, but for the ones that it has drawn. */
  #skipped(seen: readonly Seen[]): Set<number> {
    const skipped = new Set<number>();
    const drawn = new Map(seen.flatMap(({ read, place }) => (read.what === 'draw' ? [[read.kind, place!]] : [])));
    if (drawn.size === 0) return skipped;
    const { actor, local } = this.#ownOf(seen[0]!);
    for (const choice of actor.choices) {
      const { event } = this.tables.messages[choice]!;
      if (!actor.stepper.chooses(local, event)) continue;
      const draw = this.#costs.drawOf(actor.name, event, local);
      if (draw !== NONE && this.#costs.thingOf(actor.name, event) !== drawn.get(draw)) skipped.add(choice);
    }
    return skipped;
  }

  /** The template's value of a form, with things in the places that are given. */
  #valueOf(kind: number, place: number, { id, places }: Placed): number {
    const owner = this.template.owners[kind]!;
    const { local } = this.#members[kind]!.forms[id]!;
    const moves = owner.isFamily ? [place, ...places] : places;
    const { snapshot, timers } = this.forms.image(owner, 0, local, moves);
    const actor = this.tables.actors[this.#slots[kind]![owner.isFamily ? place : 0]!]!;
    return actor.intern(actor.stepper.stateOf(snapshot, snapshot.context, timers));
  }

  /** A content with the same oldest message and as much room, as far as that matters. */
  #contentOf({ read, queue }: Seen): number {
    const { length, room, head } = queue!;
    const channel = this.tables.channelAt(this.#slotOf(read))!;
    if (length === 0) return 0;
    const { owner, event } = this.forms.messages[head!.id]!;
    const moves = read.what === 'head' ? head!.places : head!.places.map((_, at) => at);
    const to = this.#slots[owner.kind]![owner.isFamily ? moves[0]! : 0]!;
    const message = this.tables.messageOf(to, this.template.things.rename(event, moves));
    return channel.intern(Array.from({ length: channel.channel.capacity - Math.min(room, ROOM_MAX) }, () => message));
  }

  /** What the walker has just done, by kinds and places. */
  #lifted(state: Int32Array, places: number): LiftedStep {
    const { tables, forms } = this;
    const { kind, message, channelSlot, touched, touchedCount, current, previous, sights } = this.#walker;
    const records = lastAttempt(this.#walker.record!);
    const timed = this.stepCosts.timed(state);
    const placedOf = (number: number): Placed => {
      const { to, event, timer } = tables.messages[number]!;
      const { id, things } = forms.messageOf(tables.nameOf(to), event, timer);
      return this.#placed(tables.nameOf(to), { id, places: things }, places);
    };
    const own = placedOf(message);
    for (const record of records) if (record.kind === 'taken') this.#guard.check(record, this.#ends[record.slot]!);
    const slots = [...touched.subarray(0, touchedCount)].filter((slot) => current[slot] !== previous[slot]);
    return {
      timed: {
        ...timed,
        message: own.id,
        performer: timed.performer < 0 ? NONE : this.#ends[timed.performer]!.kind,
        held: timed.held < 0 ? NONE : 0,
        // The one that is there is the one that has been drawn.
        ...((timed.trait & IS_DRAWN) !== 0 && { thing: NONE }),
      },
      message: own,
      sights: sights!.length,
      records,
      actors: slots
        .sort((a, b) => a - b)
        .flatMap((slot) => {
          const actor = tables.actors[slot];
          if (!actor) return [];
          const { kind: of, thing } = this.#ends[slot]!;
          const owner = this.template.owners[of]!;
          const filled = forms.formOf(owner, thing, actor.locals[current[slot]!]!);
          const named = { id: this.#intern(of, filled.id), places: filled.things.slice(owner.isFamily ? 1 : 0) };
          return [{ kind: of, place: owner.isFamily ? thing : 0, form: this.#placed(actor.name, named, places) }];
        }),
      leaves: kind === DELIVER || kind === LOSE ? this.#ends[channelSlot]!.kind : undefined,
      pushes: records.flatMap((record) =>
        record.kind === 'queued'
          ? [
              {
                kind: this.#ends[record.slot]!.kind,
                message: placedOf(record.message),
                transit: this.stepCosts.transitOf(record),
              },
            ]
          : [],
      ),
      arms: records
        .flatMap((record) => (record.kind === 'taken' ? this.stepCosts.armsOf(record) : []))
        .map((arm) => this.#armed(arm)),
    };
  }

  #armed({ slot, message, delay }: ReturnType<StepCosts['armsOf']>[number]) {
    const { event, timer } = this.tables.messages[message]!;
    const { kind, thing } = this.#ends[slot]!;
    const form = this.forms.messageOf(this.tables.nameOf(slot), event, timer).id;
    return { kind, place: this.template.owners[kind]!.isFamily ? thing : 0, form, delay };
  }

  #placed(name: string, placed: Placed, places: number): Placed {
    const stranger = placed.places.find((place) => place >= places);
    if (stranger === undefined) return placed;
    throw notLiftable(`"${name}" comes up with a thing that nothing in its step has named`);
  }

  /** Channels have less room in the template, which must not be what a step has run into. */
  #requireRoom(records: readonly StepRecord[], seen: readonly Seen[]): void {
    for (const { read, queue } of seen) {
      if (!queue || queue.room < ROOM_MAX) continue;
      const slot = this.#slotOf(read);
      const isOver = records.some(({ kind, slot: to }) => to === slot && (kind === 'blocked' || kind === 'dropped'));
      const sent = lastAttempt(records).filter(({ kind, slot: to }) => to === slot && kind === 'queued').length;
      if (!isOver && sent <= ROOM_MAX) continue;
      throw notLiftable(`one step sends more than ${ROOM_MAX} messages into channel "${this.tables.nameOf(slot)}"`);
    }
  }
}

/** A queue with room for many is as one that has room for more than a step sends. */
function withShortQueues(system: System): System {
  const channels = Object.entries(system.channels).map(([name, channel]): [string, CompleteChannel] => [
    name,
    { ...channel, capacity: Math.min(channel.capacity, ROOM_MAX + 1) },
  ]);
  return { ...system, channels: Object.fromEntries(channels) };
}
