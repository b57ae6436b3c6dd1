/**
 * Whether the names in a system exist: of actors and channels, of the types of messages, of states. One that is misspelt would
 * change nothing and say nothing: what it is about would just not be checked.
 */
import type { AnyStateMachine } from 'xstate';
import { didYouMean } from './errors.ts';
import { descriptorsOf, isSelected, isWildcard, observedBy, raisedTypes } from './message-types.ts';
import type { MessagePattern, Property } from './property.ts';
import { bad } from './shapes.ts';
import { checkStateValue } from './state-names.ts';
import type { Actor, System } from './system.ts';
import { wordsOf } from './words.ts';

type Checked = Omit<System, symbol>;

/** @throws ModelError `bad-definition` */
export function checkNames(system: Checked): void {
  const actors = new Set(Object.keys(system.actors));
  if (actors.size === 0) throw bad('the system has no actors', 'give at least one: actors: { name: actor(machine) }');
  for (const [name, actor] of Object.entries(system.actors)) checkActor(name, actor);
  for (const [name, channel] of Object.entries(system.channels)) {
    const where = `channel "${name}"`;
    if (name in system.actors)
      throw bad(`an actor and a channel are named "${name}"`, 'traces tell them apart by name');
    for (const end of [...(channel.from ?? []), ...channel.to]) checkName(end, actors, where);
    if (channel.order === 'set' && channel.capacity !== Number.POSITIVE_INFINITY) {
      throw bad(
        `${where} is a set of at most ${channel.capacity} messages`,
        'a set has room for all: capacity: Infinity',
      );
    }
    if (channel.to.length === 0) throw bad(`${where} has no receiver`, 'name at least one actor in `to`');
    for (const type of channel.types)
      checkMessageType(type, typesTaken(system, channel.to), `${where}: types`, 'no receiver of it has');
  }
  const all = typesTaken(system, actors);
  for (const type of system.blocking) checkMessageType(type, all, 'blocking');
  const taken = new Set([...actors, ...Object.keys(system.channels)]);
  for (const property of system.properties) {
    if (taken.has(property.name)) {
      throw bad(
        `the property name "${property.name}" is taken, by another property, an actor or a channel`,
        'give each its own sentence',
      );
    }
    taken.add(property.name);
    checkProperty(property, system);
  }
  for (const [at, start] of system.starts.entries())
    for (const name of Object.keys(start)) checkName(name, actors, `starts[${at}]`);
  checkFairness(system);
  checkThings(system);
}

/** @throws ModelError `bad-definition` when a pattern selects no message that the system may have */
export function checkPattern({ to, type }: MessagePattern, system: Checked, where: string): void {
  const actors = new Set(Object.keys(system.actors));
  if (to !== undefined) checkName(to, actors, where);
  checkMessageType(type, typesTaken(system, to === undefined ? actors : [to]), where, to && `"${to}" does not have`);
}

/** The message types, with wildcards, that some of these actors have transitions for, or raise: a timer is seen when it fires. */
export function typesTaken(system: Checked, actors: Iterable<string>): string[] {
  const machines = new Set([...actors].map((name) => system.actors[name]!.machine));
  return [...new Set([...machines].flatMap((machine) => [...descriptorsOf(machine), ...(raisedTypes(machine) ?? [])]))];
}

/** @param whose who has none of the type, to go on after the word `which` */
export function checkMessageType(
  type: string,
  known: readonly string[],
  where: string,
  whose = 'no machine of the system has',
): void {
  if (isSelected(type, known)) return;
  throw bad(`${where} names the message type ${type}, which ${whose} a transition for`, didYouMean(type, known));
}

/** @param known a set, because as many names may be looked up as there are actors */
export function checkName(name: string, known: ReadonlySet<string>, where: string, what = 'actor'): void {
  if (known.has(name)) return;
  throw bad(`${where} names the ${what} "${name}", which does not exist`, didYouMean(name, [...known]));
}

/** XState takes anything for an id, and what names a machine is a text. */
function checkId({ id }: AnyStateMachine, where: string): void {
  const got: unknown = id;
  if (typeof got !== 'string')
    throw bad(
      `${where} has an id that is no text: got a value of type ${typeof got}`,
      "give it a name, as in createMachine({ id: 'light' })",
    );
}

function checkActor(name: string, { machine, choices, rest }: Actor): void {
  if (!/^[\w-]+$/.test(name)) {
    throw bad(
      `actor name "${name}" has a character that labels and schedules cannot hold`,
      'use letters, digits, _ and -',
    );
  }
  checkId(machine, `the machine of actor "${name}"`);
  const types = descriptorsOf(machine);
  for (const { type } of choices ?? []) {
    if (isSelected(type, types)) continue;
    throw bad(
      `actor "${name}" has the choice ${type}, which its machine has no transition for in any state`,
      didYouMean(type, types),
    );
  }
  if (rest === undefined || typeof rest === 'function') return;
  for (const value of rest) checkStateValue(machine.root, value, `rest of actor "${name}"`);
}

function checkProperty(property: Property, system: Checked): void {
  const where = `property "${property.name}"`;
  if (property.kind === 'happens') checkPattern(property.message, system, where);
  if (property.kind === 'monitor') checkMonitor(`monitor "${property.name}"`, property, system);
}

type Monitor = Extract<Property, { kind: 'monitor' }>;

/** What it raises for itself, nobody needs to take. */
function checkMonitor(where: string, { machine, names }: Monitor, system: Checked): void {
  checkId(machine, where);
  const actors = Object.keys(system.actors);
  for (const name of names?.actors ?? []) checkName(name, new Set(actors), where);
  const known = typesTaken(system, actors);
  for (const type of names?.messages ?? []) checkMessageType(type, known, where);
  const raised = raisedTypes(machine);
  if (raised === undefined) return;
  const { sent, taken } = observedBy(machine);
  for (const type of taken) if (!isWildcard(type) && !raised.has(type)) checkMessageType(type, known, where);
  const twice = sent.length > 0 && known.find((type) => type.startsWith('sent.'));
  if (twice)
    throw bad(
      `${where} asks for what is sent, and a message of the system is called ${twice}`,
      'call it something else',
    );
  for (const type of sent) if (!isWildcard(type)) checkMessageType(type, known, `${where}: sent`);
}

/** Which of its events an actor has as timers is known only when it is run: `checkFairTypes` of the tables does the rest. */
function checkFairness(system: Checked): void {
  const { fairness, actors, channels } = system;
  const known = new Set([...Object.keys(actors), ...Object.keys(channels)]);
  for (const [name, declared] of Object.entries(fairness)) {
    checkName(name, known, 'fairness', 'actor or channel');
    if (typeof declared !== 'object') continue;
    if (Object.keys(declared).length === 0) {
      throw bad(
        `fairness of "${name}" is empty`,
        "use 'none', 'weak' or 'strong', or these by message type: { RUN: 'strong' }",
      );
    }
    const types = name in actors ? startedTypes(actors[name]!) : deliveredTypes(name, system);
    for (const type of Object.keys(declared)) {
      if (isSelected(type, types)) continue;
      throw bad(`fairness of "${name}" names the event type ${type}, which it does not have`, didYouMean(type, types));
    }
  }
}

/** The event types that an actor may start a step with; its other events among them, and those of its timers. */
function startedTypes({ machine, choices }: Actor): string[] {
  return [...new Set([...choices.map(({ type }) => type), ...(machine.events as string[])])];
}

function deliveredTypes(channel: string, system: Checked): readonly string[] {
  const { types, to } = system.channels[channel]!;
  return types.length > 0 ? types : typesTaken(system, to);
}

/**
 * A thing that may change places with another need not be an actor: it may be a word in their names, or in what they know and
 * tell each other. A word that is nowhere is misspelt.
 */
function checkThings(system: Checked): void {
  const declared = [
    ...system.symmetry.map((things) => ['symmetry', things.flat()] as const),
    ['population', system.population.flat()] as const,
  ];
  const names = [...Object.keys(system.actors), ...Object.keys(system.channels)].flatMap((name) => name.split('-'));
  let words: ReadonlySet<string> = new Set(names);
  for (const [what, things] of declared) {
    for (const name of things) {
      if (words.has(name)) continue;
      words = wordsOf(system);
      if (words.has(name)) continue;
      throw bad(
        `${what} names "${name}", which no actor, channel, input, choice or context has`,
        didYouMean(name, [...new Set(names)]),
      );
    }
  }
}
