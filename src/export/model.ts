/** A tabulated system as all output languages need it: variables, guarded steps, properties. Slots are those of the tables. */
import { selects } from '../system/property.ts';
import { FairEntities, type FairEntity } from '../tabulate/fairness.ts';
import type { StepKind } from '../tabulate/path.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from '../tabulate/tables.ts';
import { START } from '../tabulate/walker.ts';
import { SafetyProperties } from '../trace/safety.ts';
import { eventLabel, stepLabel } from '../trace/trace.ts';
import { actorText } from '../trace/words.ts';
import { all, any, type Expression, isIn, not } from './expression.ts';
import { localNames, messageName, Names, plainText } from './names.ts';
import { predicateExpression } from './predicates.ts';
import type { Space } from './space.ts';
import { type EndNode, type Place, type Step, type StepNode, stepsOf, type TakeNode } from './steps.ts';

/** An actor or a monitor: one variable with its local states as values. */
export interface Machine {
  readonly slot: number;
  readonly name: string;
  readonly identifier: string;
  readonly isMonitor: boolean;
  /** By local state. */
  readonly values: readonly { readonly identifier: string; readonly comment: string }[];
  /** By initial state. */
  readonly initial: readonly number[];
}

export interface ModelChannel {
  /** Not only the oldest message of a queue may be lost. */
  readonly losesAnywhere: boolean;
  readonly slot: number;
  readonly name: string;
  readonly identifier: string;
  readonly order: 'fifo' | 'unordered' | 'set';
  readonly comment: string;
  /** The most messages that it ever holds, and the most copies of one of them. */
  readonly size: number;
  readonly copies: number;
  readonly messages: ReadonlyMap<number, { readonly identifier: string; readonly comment: string }>;
  /** By initial state. */
  readonly initial: readonly (readonly number[])[];
}

/** What a rule does. Conditions are about the state before the step, so they stand before all assignments. */
export type Action =
  | {
      readonly kind: 'branch';
      readonly slot: number;
      readonly arms: readonly { readonly values: readonly number[]; readonly action: Action }[];
    }
  /** Whether there is room in a channel that drops what does not fit. */
  | {
      readonly kind: 'room';
      readonly slot: number;
      readonly atMost: number;
      readonly room: Action;
      readonly full: Action;
    }
  | Assignments;

export interface Assignments {
  readonly kind: 'assign';
  /** The messages of the step, in order, for a comment. */
  readonly story: readonly string[];
  /** Names of the properties of the kind `happens` that the step witnesses. */
  readonly witnesses: readonly string[];
  readonly removed?: {
    readonly slot: number;
    readonly message: number;
    /** Of a message that is not the oldest of its queue; otherwise 0. */
    readonly place: number;
  };
  readonly added: readonly { readonly slot: number; readonly message: number }[];
  /** Per slot, its values after the step by those before. */
  readonly changes: readonly { readonly slot: number; readonly values: ReadonlyMap<number, number> }[];
}

export interface Rule {
  /** As traces name the step. Rules with the same label are parts of one step, and exclude each other. */
  readonly label: string;
  readonly identifier: string;
  readonly guardIdentifier: string;
  readonly guard: Expression;
  readonly action: Action;
  /** What a fair run takes when it takes this, in `entities` of the model; -1 when nobody has to take it. */
  readonly entity: number;
}

/** The rules that one actor or channel starts. */
export interface RuleGroup {
  readonly name: string;
  readonly identifier: string;
  readonly rules: readonly Rule[];
}

export interface ModelProperty {
  /** From 1, in the order of declaration; the absence of deadlock is the last one. */
  readonly number: number;
  readonly name: string;
  readonly kind:
    | 'always'
    | 'monitor'
    | 'hot'
    | 'deadlock'
    | 'reachable'
    | 'happens'
    | 'eventually'
    | 'leadsTo'
    | 'infinitelyOften';
  /**
   * What must hold: in all states; of `hot` and `deadlock`, where nothing can happen; of `hot`, again and again in every fair run,
   * too. Of `reachable`, the witness; of the last three, the goal.
   */
  readonly expression: Expression;
  /** Of `leadsTo`. */
  readonly trigger?: Expression;
}

export interface Model {
  readonly machines: readonly Machine[];
  readonly channels: readonly ModelChannel[];
  readonly groups: readonly RuleGroup[];
  /** What fair runs may not leave out, as far as it is ever enabled. */
  readonly entities: readonly FairEntity[];
  readonly properties: readonly ModelProperty[];
  /** The numbers of the properties that hold in every state that has its steps in the model: behind the others there is nothing. */
  readonly cutBy: readonly number[];
  /** Where they do not. */
  readonly stopped: Expression;
  /** For each initial state, the way to start that leads to it. */
  readonly starts: readonly number[];
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** The model has all steps of the system, but for those behind a violation; otherwise those of its first `expandedDepth + 1` steps. */
  readonly isComplete: boolean;
  /** All states that so many steps lead to have their steps in the model. */
  readonly expandedDepth: number;
}

/** Above this many statements a step becomes several rules; SPIN takes no `d_step` with more than 2048 of its own. */
const RULE_WEIGHT_MAX = 250;
/** The same for assignments without branches above them, which a part cannot do without. */
const END_WEIGHT_MAX = 1000;
const VALUES_PER_PART = 200;

/**
 * A space as the output languages need it: variables, guarded steps, properties.
 *
 * @example
 * ```ts
 * import { exploreSpace, modelOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * modelOf(await exploreSpace(lights)).machines.length; // => 2
 * ```
 */
export function modelOf(space: Space): Model {
  const work = modelParts(space);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** The same in parts, between which the caller may do something else: of a large space a model takes a while. */
export function* modelParts(space: Space): Generator<void, Model> {
  const { tables } = space;
  const names = new Names();
  const machines = tables.actors.map((actor, slot): Machine => {
    const isMonitor = slot >= tables.actorCount;
    const identifier = names.identifier(isMonitor ? shortened(`monitor ${actor.name}`, 32, ' ') : actor.name);
    const values = localNames(actor).map((name, local) => {
      const { snapshot, timers } = actor.locals[local]!;
      const armed = timers.length === 0 ? {} : { timers: timers.map(({ id }) => id) };
      const text = actorText({ value: snapshot.value, context: snapshot.context, ...armed });
      return { identifier: names.identifier(`${shortened(identifier, 20, '_')}_${name}`), comment: plainText(text) };
    });
    return {
      slot,
      name: actor.name,
      identifier,
      isMonitor,
      values,
      initial: space.initial.map((state) => state[slot]!),
    };
  });
  const channels = channelsOf(space, names);
  const rules = new RuleMaker(tables, names);
  const groups = new Map<number, Rule[]>();
  for (const step of yield* stepsOf(space)) {
    groups.set(step.starter, [...(groups.get(step.starter) ?? []), ...rules.of(step)]);
    yield;
  }
  const properties = yield* propertiesOf(space);
  const cutBy = cutProperties(space, properties);
  return {
    machines,
    channels,
    groups: [...groups]
      .filter(([, list]) => list.length > 0)
      .map(([slot, list]) => {
        const { name } = [...tables.actors, ...tables.channels][slot]!;
        return { name, identifier: names.identifier(`steps of ${name}`), rules: list };
      }),
    entities: rules.entities,
    properties,
    cutBy: cutBy.map(({ number }) => number),
    stopped: any(...cutBy.map(({ expression }) => not(expression))),
    starts: space.ways,
    states: space.size,
    steps: space.steps,
    depth: space.depth,
    isComplete: space.isComplete,
    expandedDepth: space.depth - 1,
  };
}

/** The properties that violated states are cut for. */
function cutProperties(space: Space, properties: readonly ModelProperty[]): ModelProperty[] {
  const safety = new SafetyProperties(space.tables);
  const violated = new Set<string>();
  for (const number of space.cut) for (const name of safety.violatedIn(space.at(number))) violated.add(name);
  return properties.filter(({ name, kind }) => (kind === 'always' || kind === 'monitor') && violated.has(name));
}

/** Cut off at the end of a word. */
function shortened(text: string, length: number, separator: string): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf(separator, length);
  return text.slice(0, end > 0 ? end : length);
}

function channelsOf({ tables, initial }: Space, names: Names): ModelChannel[] {
  return tables.channels.map(({ slot, name, channel, contents, columns }): ModelChannel => {
    const identifier = names.identifier(name);
    const { order, capacity, whenFull, lossy, duplicating, competing } = channel;
    const what = [
      order,
      `capacity ${capacity}`,
      `${whenFull} when full`,
      lossy && (lossy === 'anywhere' ? 'lossy anywhere' : 'lossy'),
      duplicating && (duplicating === 'always' ? 'duplicating always' : 'duplicating'),
      competing && 'competing receivers',
    ];
    const copies = contents.map((messages) =>
      Math.max(0, ...columns.map((column) => messages.filter((message) => message === column).length)),
    );
    return {
      slot,
      name,
      identifier,
      losesAnywhere: lossy === 'anywhere',
      order,
      comment: plainText(`${name}: ${what.filter(Boolean).join(', ')}`),
      size: contents.reduce((most, messages) => Math.max(most, messages.length), 1),
      copies: copies.reduce((most, count) => Math.max(most, count), 1),
      messages: new Map(
        columns.map((message) => {
          const { to, event } = tables.messages[message]!;
          return [
            message,
            {
              identifier: names.identifier(`${name}_${messageName(tables, tables.messages[message]!)}`),
              comment: plainText(`${eventLabel(event)} to ${tables.nameOf(to)}`),
            },
          ];
        }),
      ),
      initial: initial.map((state) => contents[state[slot]!]!),
    };
  });
}

// --- rules ---

const KINDS: Readonly<Record<number, StepKind>> = {
  [START]: 'start',
  [DELIVER]: 'deliver',
  [DUPLICATE]: 'duplicate',
  [LOSE]: 'lose',
};

/** What traces call a step, as far as strings in all languages can say it. */
export function labelOfStep(
  tables: Tables,
  step: { kind: StepKind; message: number; channelSlot: number; place?: number },
): string {
  return plainText(stepLabel(tables, { index: 0, ...step }));
}

class RuleMaker {
  readonly #tables: Tables;
  readonly #names: Names;
  readonly #labels = new Map<string, Step>();
  readonly #fair: FairEntities;
  /** Numbered anew, without those that are never enabled. */
  readonly #placeOfEntity = new Map<number, number>();

  constructor(tables: Tables, names: Names) {
    this.#tables = tables;
    this.#names = names;
    this.#fair = new FairEntities(tables);
  }

  get entities(): FairEntity[] {
    return [...this.#placeOfEntity.keys()].map((number) => this.#fair.all[number]!);
  }

  #entityOf({ starter, kind, message }: Step): number {
    const number = this.#fair.of({ kind, message, channelSlot: starter < this.#tables.actors.length ? -1 : starter });
    if (number < 0) return -1;
    const known = this.#placeOfEntity.get(number);
    if (known !== undefined) return known;
    this.#placeOfEntity.set(number, this.#placeOfEntity.size);
    return this.#placeOfEntity.size - 1;
  }

  of(step: Step): Rule[] {
    const tables = this.#tables;
    const { starter, kind, message, place, root } = step;
    const isChannel = starter >= tables.actors.length;
    const channelSlot = isChannel ? starter : -1;
    let label = labelOfStep(tables, { kind: KINDS[kind]!, message, channelSlot, place });
    const same = this.#labels.get(label);
    // Values that read alike (1 and '1') are told apart by the number of the message, which a replay finds out again.
    if (same && (same.message !== message || same.starter !== starter)) label = `${label} #${message}`;
    this.#labels.set(label, step);

    const held = isChannel ? tables.heldAs(tables.channelAt(starter)!, message) : message;
    const offers = (at: number): Expression => ({
      kind: 'offers',
      slot: starter,
      message: held,
      ...(at > 0 && { place: at }),
    });
    // Of equal neighbours the first one stands for all.
    const isFirst = place > 0 ? [not(offers(place - 1))] : [];
    const starts = isChannel ? [offers(place), ...isFirst] : [];
    const removed = kind === DELIVER || kind === LOSE ? { slot: starter, message: held, place } : undefined;
    return this.#parts(root, isChannel ? undefined : starter).flatMap(({ prefix, node, above, ...part }) => {
      const guard = all(...starts, ...prefix, this.#guard(node, part.starter));
      const action = this.#action(node, removed ? { removed } : {}, above);
      if (!action) return [];
      const identifier = this.#names.identifier(label);
      const guardIdentifier = this.#names.identifier(`can_${identifier}`);
      return [{ label, identifier, guardIdentifier, guard, action, entity: this.#entityOf(step) }];
    });
  }

  /** One part, or several for a step that is too large, each with the conditions that lead to it. */
  #parts(place: Place, starter: number | undefined): Part[] {
    const node = place.node!;
    if (weightOf(place) <= RULE_WEIGHT_MAX) return [{ prefix: [], node, starter, above: [] }];
    switch (node.kind) {
      case 'take': {
        const { slot, arms } = node;
        const domain =
          starter === undefined ? [...arms.values()].flatMap(({ values }) => [...values]) : this.#localsOf(slot);
        return [...arms.values()].flatMap(({ values, next }) => {
          const here = isIn(slot, [...values], without(domain, values));
          return this.#parts(next, undefined).map((part) => below(part, here, taken(node)));
        });
      }
      case 'push': {
        const { slot, message, from, room, full } = node;
        const fits = room && full ? this.#fits(slot, node.added) : all();
        const into = (place: Place | undefined, condition: Expression, fate: WayPoint['fate']) =>
          place
            ? this.#parts(place, undefined).map((part) => below(part, condition, { slot, message, from, fate }))
            : [];
        return [...into(room, fits, 'queued'), ...into(full, room ? not(fits) : all(), 'dropped')];
      }
      case 'end':
        return this.#partsOfEnd(node);
      default:
        return [{ prefix: [], node, starter, above: [] }];
    }
  }

  /** Assignments that depend on very many values of one slot: some of the values for each part. */
  #partsOfEnd(node: EndNode): Part[] {
    const [slot, map] = [...node.maps].reduce((most, entry) => (entry[1].size > most[1].size ? entry : most));
    if (weightOf({ node }) <= END_WEIGHT_MAX || map.size <= VALUES_PER_PART) {
      return [{ prefix: [], node, starter: undefined, above: [] }];
    }
    const values = [...map.keys()];
    const parts: Part[] = [];
    for (let from = 0; from < values.length; from += VALUES_PER_PART) {
      const some = new Set(values.slice(from, from + VALUES_PER_PART));
      const here = isIn(slot, [...some], without(values, some));
      const maps = new Map([...node.maps, [slot, new Map([...map].filter(([before]) => some.has(before)))]]);
      for (const part of this.#partsOfEnd({ kind: 'end', maps })) {
        parts.push({ ...part, prefix: [here, ...part.prefix] });
      }
    }
    return parts;
  }

  #localsOf(slot: number): number[] {
    return this.#tables.actors[slot]!.locals.map((_, local) => local);
  }

  /** What must be true for the step to go through. */
  #guard(node: StepNode, starter?: number): Expression {
    switch (node.kind) {
      case 'end':
        return all();
      case 'disabled':
        return any();
      case 'push': {
        const room = node.room ? this.#guard(node.room.node!) : undefined;
        const full = node.full ? this.#guard(node.full.node!) : undefined;
        if (!room || !full) return (room ?? full)!;
        const fits = this.#fits(node.slot, node.added);
        if (JSON.stringify(room) === JSON.stringify(full)) return room;
        return any(all(fits, room), all(not(fits), full));
      }
      case 'take': {
        const groups = new Map<string, { guard: Expression; values: number[] }>();
        for (const { values, next } of node.arms.values()) {
          const guard = this.#guard(next.node!);
          const key = JSON.stringify(guard);
          const group = groups.get(key);
          if (group) group.values.push(...values);
          else groups.set(key, { guard, values: [...values] });
        }
        const seen = [...groups.values()].flatMap(({ values }) => values);
        const domain = starter === undefined ? seen : this.#localsOf(node.slot);
        return any(
          ...[...groups.values()].map(({ guard, values }) =>
            all(isIn(node.slot, values, without(domain, new Set(values))), guard),
          ),
        );
      }
      default:
        return node satisfies never;
    }
  }

  #fits(slot: number, added: number): Expression {
    const { capacity } = this.#tables.channels[slot - this.#tables.actors.length]!.channel;
    return { kind: 'atMost', slot, count: capacity - 1 - added };
  }

  /** Undefined when the step is disabled, whatever the rest of the state. */
  #action(node: StepNode, base: Pick<Assignments, 'removed'>, way: readonly WayPoint[]): Action | undefined {
    switch (node.kind) {
      case 'disabled':
        return undefined;
      case 'end':
        return this.#assignments(node.maps, base, way);
      case 'push': {
        const { slot, message, from } = node;
        const follow = (place: Place | undefined, fate: WayPoint['fate']) =>
          place && this.#action(place.node!, base, [...way, { slot, message, from, fate }]);
        const room = follow(node.room, 'queued');
        const { whenFull } = this.#tables.channels[slot - this.#tables.actors.length]!.channel;
        const full = whenFull === 'drop' ? follow(node.full, 'dropped') : undefined;
        if (!room || !full) return room ?? full;
        const fits = this.#fits(slot, node.added);
        return { kind: 'room', slot, atMost: fits.kind === 'atMost' ? fits.count : 0, room, full };
      }
      case 'take': {
        const arms = [...node.arms.values()].flatMap(({ values, next }) => {
          const action = this.#action(next.node!, base, [...way, taken(node)]);
          return action ? [{ values: [...values], action }] : [];
        });
        if (arms.length <= 1) return arms[0]?.action;
        return { kind: 'branch', slot: node.slot, arms };
      }
      default:
        return node satisfies never;
    }
  }

  #assignments(
    maps: ReadonlyMap<number, ReadonlyMap<number, number>>,
    base: Pick<Assignments, 'removed'>,
    way: readonly WayPoint[],
  ): Assignments {
    const tables = this.#tables;
    const changes = [...maps]
      .filter(([, values]) => [...values].some(([before, after]) => before !== after))
      .map(([slot, values]) => ({ slot, values }))
      .sort((a, b) => a.slot - b.slot);
    const story = way.map(({ message, from, fate, slot }) => {
      const { to, event } = tables.messages[message]!;
      const sender = from < 0 ? '' : `${tables.actors[from]!.name} -> `;
      const channel = fate === 'taken' ? '' : ` (${fate}: ${tables.channels[slot - tables.actors.length]!.name})`;
      return plainText(`${sender}${tables.nameOf(to)}.${eventLabel(event)}${channel}`);
    });
    const witnesses = tables.system.properties.flatMap((property) => {
      if (property.kind !== 'happens') return [];
      const matches = way.some(({ message, fate }) => {
        const { to, event } = tables.messages[message]!;
        return fate === 'taken' && selects(property.message, tables.actors[to]!.name, event);
      });
      return matches ? [property.name] : [];
    });
    const added = way.filter(({ fate }) => fate === 'queued').map(({ slot, message }) => ({ slot, message }));
    return { kind: 'assign', story, witnesses, ...base, added, changes };
  }
}

/** What becomes one rule. */
interface Part {
  /** What leads to it. */
  readonly prefix: readonly Expression[];
  readonly node: StepNode;
  /** The slot that starts the step, unless the prefix asks whether it can. */
  readonly starter: number | undefined;
  /** The messages on the way to it. */
  readonly above: readonly WayPoint[];
}

function below(part: Part, condition: Expression, message: WayPoint): Part {
  return { ...part, prefix: [condition, ...part.prefix], above: [message, ...part.above] };
}

interface WayPoint {
  readonly slot: number;
  readonly message: number;
  readonly from: number;
  readonly fate: 'taken' | 'queued' | 'dropped';
}

function taken({ slot, message, from }: TakeNode): WayPoint {
  return { slot, message, from, fate: 'taken' };
}

function without(values: readonly number[], excluded: ReadonlySet<number>): number[] {
  return values.filter((value) => !excluded.has(value));
}

/** About how many statements a node becomes. */
function weightOf({ node }: Place): number {
  switch (node!.kind) {
    case 'take':
      return [...node!.arms.values()].reduce((sum, { next }) => sum + 1 + weightOf(next), 0);
    case 'push':
      return 1 + (node!.room ? weightOf(node!.room) : 0) + (node!.full ? weightOf(node!.full) : 0);
    case 'end':
      return [...node!.maps.values()].reduce((sum, map) => {
        const results = new Set(map.values()).size;
        return sum + (results === 1 ? 1 : 2 * results);
      }, 2);
    default:
      return 1;
  }
}

// --- properties ---

function* propertiesOf(space: Space): Generator<void, ModelProperty[]> {
  const { tables } = space;
  const properties: ModelProperty[] = [];
  let monitorSlot = tables.actorCount;
  const add = (name: string, kind: ModelProperty['kind'], expression: Expression, more: Partial<ModelProperty> = {}) =>
    properties.push({ number: properties.length + 1, name, kind, expression, ...more });
  for (const property of tables.system.properties) {
    const { name, kind } = property;
    switch (kind) {
      case 'always':
        add(name, kind, yield* predicateExpression(space, property.holds));
        break;
      case 'reachable':
        add(name, kind, yield* predicateExpression(space, property.witness));
        break;
      case 'happens':
        add(name, kind, all());
        break;
      case 'monitor': {
        const slot = monitorSlot++;
        add(name, kind, not(tagged(tables, slot, 'violation')));
        const hot = tagged(tables, slot, 'hot');
        if (hot.kind !== 'constant' || hot.value) add(name, 'hot', not(hot));
        break;
      }
      case 'leadsTo': {
        const trigger = yield* predicateExpression(space, property.trigger);
        add(name, kind, yield* predicateExpression(space, property.goal), { trigger });
        break;
      }
      case 'eventually':
      case 'infinitelyOften':
        add(name, kind, yield* predicateExpression(space, property.goal));
        break;
      default:
        kind satisfies never;
    }
  }
  if (tables.system.deadlock === 'violation') {
    const rest = tables.actors.slice(0, tables.actorCount).map(({ slot, locals }) => {
      const resting = locals.map((_, local) => local).filter((local) => tables.atRest(slot, local));
      return isIn(
        slot,
        resting,
        without(
          locals.map((_, local) => local),
          new Set(resting),
        ),
      );
    });
    const empty = tables.channels
      .filter(({ channel }) => channel.duplicating !== 'always')
      .map(({ slot }): Expression => ({ kind: 'atMost', slot, count: 0 }));
    add('no deadlock', 'deadlock', all(...rest, ...empty));
  }
  return properties;
}

function tagged(tables: Tables, slot: number, tag: string): Expression {
  const { locals } = tables.actors[slot]!;
  const having = locals.map((_, local) => local).filter((local) => locals[local]!.snapshot.hasTag(tag));
  return isIn(
    slot,
    having,
    without(
      locals.map((_, local) => local),
      new Set(having),
    ),
  );
}

// --- what is not in a model ---

/** Whether a property is about runs that go on, or stop: `hot` is about both these and states without steps. */
export function isProgress({ kind }: ModelProperty): boolean {
  return kind === 'eventually' || kind === 'leadsTo' || kind === 'infinitelyOften' || kind === 'hot';
}

/** What a model in some language does not say, in words. */
export function leftOut(properties: readonly ModelProperty[]): string[] {
  return properties.map(({ name, kind }) =>
    kind === 'hot'
      ? `that "${name}" is not owed for ever (only what is owed where nothing can happen)`
      : `${kind} "${name}"`,
  );
}
