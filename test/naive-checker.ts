/**
 * The naive twin: a breadth-first search straight on XState snapshots, with a `Map`, arrays and a JSON key per global
 * state. It is slow on purpose: it shares nothing with the fast engine but the definition of a system, so that the two
 * agreeing, count for count, means something.
 *
 * Where the semantics leave an order open it takes the canonical one: armed timers by id, the messages of an unordered
 * channel by their JSON (equal messages are one step).
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject, InspectionEvent } from 'xstate';
import { ModelError } from '../src/system/errors.ts';
import { DEADLOCK_PROPERTY, type Envelope, type SystemView } from '../src/system/property.ts';
import type { System } from '../src/system/system.ts';
import { fairnessOf, type NaiveState, regionOf, type Starter, violatedProgress } from './naive-liveness.ts';

export interface NaiveResult {
  verdict: 'holds' | 'violated' | 'unknown' | 'model-error';
  property?: string;
  states: number;
  /** Enabled steps of expanded states, self-loops and duplicates included. */
  steps: number;
  /** Breadth-first level of the deepest state found; the initial state has 0. */
  depth: number;
  errorCode?: string;
  error?: string;
  /** One line per step; the last one of a model error is the step that broke off. */
  trace?: string[];
  /** The local states at the end of the trace. */
  last?: Record<string, unknown>;
  /** The whole graph; given when the search came to its end without a finding. */
  graph?: readonly NaiveState[];
}

type Timers = Readonly<Record<string, { readonly event: EventObject; readonly to?: string }>>;
/** Of two armed timers, the first one fires before the second one. */
type Order = readonly (readonly [first: string, second: string])[];
interface Local {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: Timers;
  readonly order: Order;
}
interface Global {
  actors: Local[];
  monitors: AnyMachineSnapshot[];
  channels: Envelope[][];
}
interface Found {
  readonly state: Global;
  readonly parent: number;
  readonly label: string;
  readonly depth: number;
}
interface Action {
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>> & {
    readonly to: { id: string };
    readonly event: EventObject;
    readonly id?: string;
    readonly sendId: string;
    readonly delay?: unknown;
  };
}

/** What XState tells of a step that it takes. */
export type NaiveMicrostep = Extract<InspectionEvent, { type: '@xstate.microstep' }> & { readonly name: string };

/** The states of a system to be gone through by somebody else; they mean nothing outside. */
export interface NaiveWalk {
  /** By way to start. */
  readonly initial: readonly unknown[];
  /** All steps from a state: those that are enabled with the state after them, and those that break off. */
  stepsFrom(state: unknown): { readonly starter: Starter; readonly next: unknown; readonly error?: ModelError }[];
  /** Whether a state violates a property, or the absence of deadlock, or leaves a monitor hot in a dead end. */
  violates(state: unknown, property: string): boolean;
}

interface NaiveOptions {
  maxStates?: number;
  /** Called instead of a search. */
  onWalk?: (walk: NaiveWalk) => void;
  /** Hears of every enabled step of every expanded state, and of the start: what each actor and monitor does in it. */
  onStep?: (microsteps: readonly NaiveMicrostep[]) => void;
}

const ENDLESS = 10_000;
const NOTHING: Timers = {};
/** Thrown by a step that a refused message or a full channel disables. */
const DISABLED = Symbol('disabled');

export function checkNaively(system: System, options: NaiveOptions = {}): NaiveResult {
  const maxStates = options.maxStates ?? 200_000;
  const names = Object.keys(system.actors);
  const channelNames = Object.keys(system.channels);
  const channels = Object.values(system.channels);
  const addresses = [...names, ...channelNames.filter((_, at) => channels[at]!.competing)];
  let microsteps: NaiveMicrostep[] = [];
  const note = (microstep: NaiveMicrostep) => void microsteps.push(microstep);
  const steppers = names.map((name) => stepper(name, system.actors[name]!.machine, addresses, note));
  const monitorProperties = system.properties.filter((property) => property.kind === 'monitor');
  const monitors = monitorProperties.map((property) => stepper(property.name, property.machine, addresses, note));

  // What the step under way has done so far; a disabled step is abandoned with its copy of the state.
  let now: Global = { actors: [], monitors: [], channels: channels.map(() => []) };
  let parts: string[] = [];
  let happened = new Set<string>();
  let taken = 0;
  let mailboxes: EventObject[][] = [];
  let busy: boolean[] = [];

  const begin = (state: Global) => {
    now = { actors: [...state.actors], monitors: [...state.monitors], channels: [...state.channels] };
    [parts, happened, taken, mailboxes, busy] = [[], new Set(), 0, names.map(() => []), names.map(() => false)];
    microsteps = [];
  };

  function send(from: string, to: string, event: EventObject): void {
    monitors.forEach((monitor, at) => {
      if (monitor.asksFor(event.type))
        tell(at, { type: `sent.${event.type}`, from, to, message: event } as EventObject);
    });
    const matching = channels.flatMap(({ from: senders, to: receivers, types, competing }, at) =>
      (senders ?? names).includes(from) &&
      (competing ? channelNames[at] === to : receivers.includes(to)) &&
      (types.length === 0 || types.includes(event.type))
        ? [at]
        : [],
    );
    if (matching.length > 1)
      throw new ModelError('bad-definition', `two channels take ${to}.${show(event)} from ${from}`);
    const [at] = matching;
    if (at === undefined) {
      if (!names.includes(to)) throw new ModelError('bad-definition', `${to} takes no ${show(event)} from ${from}`);
      receive(names.indexOf(to), event);
      return;
    }
    const [channel, content] = [channels[at]!, now.channels[at]!];
    if (channel.order === 'set' && content.some((known) => canonical(known) === canonical({ to, event }))) {
      parts.push(`${channelNames[at]} has ${to}.${show(event)}`);
      return;
    }
    if (content.length >= channel.capacity) {
      if (channel.whenFull === 'block') throw DISABLED;
      parts.push(`${channelNames[at]} is full: ${to}.${show(event)} lost`);
      return;
    }
    parts.push(`${channelNames[at]} += ${to}.${show(event)}`);
    const next = [...content, { to, event }];
    if (channel.order !== 'fifo') next.sort((a, b) => (canonical(a) <= canonical(b) ? -1 : 1));
    now.channels[at] = next;
  }

  /** Depth-first, but an actor that is still processing finds the message in its mailbox afterwards. */
  function receive(index: number, event: EventObject): void {
    mailboxes[index]!.push(event);
    if (!busy[index]) drain(index);
  }

  function drain(index: number): void {
    busy[index] = true;
    for (let event = mailboxes[index]!.shift(); event; event = mailboxes[index]!.shift()) take(index, event, 'message');
    busy[index] = false;
  }

  function take(index: number, event: EventObject, as: 'message' | 'timer'): void {
    const [name, { snapshot, timers, order }] = [names[index]!, now.actors[index]!];
    if (++taken > ENDLESS) throw new ModelError('endless-loop', `more than ${ENDLESS} messages in one step`);
    parts.push(`${name}.${show(event)}`);
    // A timer that finds no transition is spent; XState looks for eventless transitions all the same.
    if (as === 'message' && steppers[index]!.reaction(snapshot, event) === 'none') {
      if (system.blocking.includes(event.type)) throw DISABLED;
      if ((system.actors[name]!.unhandled ?? system.unhandled) === 'ignore') {
        passBy(index, event);
        return;
      }
      throw new ModelError('unhandled-message', `${name} has no transition for ${show(event)}`);
    }
    const [next, actions] = steppers[index]!.transition(snapshot, event);
    now.actors[index] = { snapshot: next, timers, order };
    observe(name, event);
    execute(index, actions);
  }

  /** XState drops a message without a transition, but looks for eventless ones all the same. */
  function passBy(index: number, event: EventObject): void {
    const { snapshot, timers, order } = now.actors[index]!;
    if (snapshot.status !== 'active') return;
    const [next, actions] = steppers[index]!.transition(snapshot, event);
    if (next === snapshot) return;
    now.actors[index] = { snapshot: next, timers, order };
    if (keyOfSnapshot(next) !== keyOfSnapshot(snapshot) || actions.length > 0) observe(names[index]!, event);
    execute(index, actions);
  }

  function observe(to: string, event: EventObject): void {
    for (const property of system.properties) {
      if (property.kind !== 'happens') continue;
      const { message } = property;
      if (message.type !== event.type || (message.to !== undefined && message.to !== to)) continue;
      if (guarded(property.name, () => message.where?.(event as never) ?? true)) happened.add(property.name);
    }
    const observed = { type: event.type, to, message: event };
    for (const at of monitors.keys()) tell(at, observed);
  }

  function tell(at: number, observed: EventObject): void {
    const monitor = monitors[at]!;
    const snapshot = now.monitors[at]!;
    if (monitor.reaction(snapshot, observed) === 'none') return;
    const [next, actions] = monitor.transition(snapshot, observed);
    for (const { type } of actions) {
      if (type === 'xstate.sendTo') throw new ModelError('unsupported-action', `a monitor must not send: ${type}`);
    }
    now.monitors[at] = next;
  }

  function execute(index: number, actions: readonly Action[]): void {
    const name = names[index]!;
    const delays = new Map<string, number>();
    for (const { type, params } of actions) {
      const { timers, snapshot, order } = now.actors[index]!;
      if (type === 'xstate.sendTo') {
        if (!addresses.includes(params.to.id))
          throw new ModelError('unknown-actor', `${name} sends to ${params.to.id}`);
        if (params.delay === undefined) send(name, params.to.id, params.event);
      }
      if ((type === 'xstate.sendTo' || type === 'xstate.raise') && params.delay !== undefined) {
        const anonymous = canonical(params.event);
        let id = params.id;
        for (let n = 0; id === undefined; n++) if (!(`${anonymous}#${n}` in timers)) id = `${anonymous}#${n}`;
        const isOwn = type === 'xstate.raise' || params.to.id === name;
        const armed = { event: params.event, ...(!isOwn && { to: params.to.id }) };
        now.actors[index] = { snapshot, timers: { ...timers, [id]: armed }, order: unordered(order, id) };
        delays.set(id, Number(params.delay));
      } else if (type === 'xstate.cancel') {
        const id = params.sendId;
        now.actors[index] = { snapshot, timers: without(timers, id), order: unordered(order, id) };
        delays.delete(id);
      }
    }
    const { snapshot, timers, order } = now.actors[index]!;
    const added = [...delays].flatMap(([second, longer]) =>
      [...delays].flatMap(([first, delay]) => (delay < longer ? [[first, second] as const] : [])),
    );
    // As in a live system: an actor that is done has no timers any more.
    now.actors[index] =
      snapshot.status === 'active'
        ? { snapshot, timers, order: [...order, ...added].sort() }
        : { snapshot, timers: NOTHING, order: [] };
  }

  function* stepsOf(state: Global): Generator<[label: string, run: () => void, starter: Starter]> {
    for (const [index, name] of names.entries()) {
      const local = state.actors[index]!;
      if (isOutside(name, local.snapshot)) continue;
      for (const choice of system.actors[name]!.choices) {
        [label, parts] = ['', [`${name}.${show(choice)}`]];
        if (steppers[index]!.reaction(local.snapshot, choice) !== 'acts') continue;
        yield ['', () => receive(index, choice), { kind: 'choice', actor: name, event: choice }];
      }
      for (const id of Object.keys(local.timers).sort()) {
        if (local.order.some(([, second]) => second === id)) continue;
        const fire = () => {
          const order = unordered(local.order, id);
          now.actors[index] = { snapshot: local.snapshot, timers: without(local.timers, id), order };
          const { event, to } = local.timers[id]!;
          if (to !== undefined) {
            parts.push(`${name}.${show(event)}`);
            send(name, to, event);
            return;
          }
          busy[index] = true;
          take(index, event, 'timer');
          drain(index);
        };
        yield ['timer ', fire, { kind: 'timer', actor: name, event: local.timers[id]!.event, timer: id }];
      }
    }
    for (const [at, channel] of channels.entries()) {
      const content = state.channels[at]!;
      const keys = content.map(canonical);
      for (const [position, { to, event }] of content.entries()) {
        const isFirst = channel.order === 'fifo' ? position === 0 : keys.indexOf(keys[position]!) === position;
        const remove = () => {
          now.channels[at] = content.toSpliced(position, 1);
        };
        const takers = channel.competing ? [...new Set(channel.to)] : [to];
        const start = { actor: to, event, channel: channelNames[at]! };
        const losing = `${channelNames[at]} loses ${to}.${show(event)}`;
        if (!isFirst) {
          // Which one of equal neighbours is lost makes no difference.
          if (channel.lossy === 'anywhere' && keys[position - 1] !== keys[position]) {
            yield [`${losing} behind ${position}`, remove, { kind: 'lose', ...start, place: position }];
          }
          continue;
        }
        for (const kind of ['deliver', 'duplicate'] as const) {
          if (kind === 'deliver' ? channel.duplicating === 'always' : !channel.duplicating) continue;
          for (const taker of takers) {
            const run = () => {
              if (kind === 'deliver') remove();
              receive(names.indexOf(taker), event);
            };
            const keeps = kind === 'deliver' ? '' : ' (and keeps)';
            yield [`${channelNames[at]}${keeps}: `, run, { ...start, kind, actor: taker }];
          }
        }
        if (channel.lossy) yield [losing, remove, { kind: 'lose', ...start }];
      }
    }
  }

  const found: Found[] = [];
  /** Per expanded state, what starts its steps and where they lead. */
  const edges: { starter: Starter; key: string }[][] = [];
  const known = new Map<string, number>();
  const witnessed = new Set<string>();
  let initials = 0;
  let steps = 0;
  let depth = 0;
  /** The state being expanded, and the beginning of the label of the step being tried. */
  let at = -1;
  let label = '';

  function result(verdict: NaiveResult['verdict'], end?: number, more: Partial<NaiveResult> = {}): NaiveResult {
    const trace: string[] = [];
    for (let at = end; at !== undefined && found[at]!.parent >= 0; at = found[at]!.parent)
      trace.unshift(found[at]!.label);
    const last = end === undefined ? undefined : Object.fromEntries(describe(found[end]!.state));
    return { verdict, states: found.length, steps, depth, ...(last && { trace, last }), ...more };
  }

  function* describe(state: Global): Generator<[string, unknown]> {
    for (const [index, { snapshot, timers }] of state.actors.entries()) {
      yield [names[index]!, [snapshot.value, snapshot.context, ...Object.keys(timers)]];
    }
    for (const [at, content] of state.channels.entries()) yield [channelNames[at]!, content];
    for (const [at, snapshot] of state.monitors.entries())
      yield [monitors[at]!.name, [snapshot.value, snapshot.context]];
  }

  function viewOf(state: Global): SystemView {
    return {
      get(name) {
        const index = names.indexOf(name);
        if (index < 0) throw new ModelError('unknown-actor', `no actor ${name}`);
        return state.actors[index]!.snapshot;
      },
      channel(name) {
        const at = channelNames.indexOf(name);
        if (at < 0) throw new ModelError('bad-definition', `no channel ${name}`);
        return state.channels[at]!;
      },
    };
  }

  function graph(): NaiveState[] {
    return found.map(({ state }, at) => ({
      isInitial: at < initials,
      view: viewOf(state),
      hot: monitorProperties.filter((_, monitor) => state.monitors[monitor]!.hasTag('hot')).map(({ name }) => name),
      edges: edges[at]!.map(({ starter, key }) => ({
        to: known.get(key)!,
        starter,
        fair: fairnessOf(system, starter),
      })),
    }));
  }

  /** Stores a new state and checks it: the property that it violates, or undefined. */
  function store(key: string, state: Global, parent: number, label: string): string | undefined {
    const level = parent < 0 ? 0 : found[parent]!.depth + 1;
    known.set(key, found.length);
    found.push({ state, parent, label, depth: level });
    depth = Math.max(depth, level);
    const view = viewOf(state);
    for (const property of system.properties) {
      const broken =
        property.kind === 'always'
          ? !guarded(property.name, () => property.holds(view))
          : property.kind === 'monitor' && state.monitors[monitorProperties.indexOf(property)]!.hasTag('violation');
      if (broken) return property.name;
      if (property.kind === 'reachable' && guarded(property.name, () => property.witness(view))) {
        witnessed.add(property.name);
      }
    }
    return undefined;
  }

  /** Nothing is left in channels that messages ever leave. */
  function isDrained(state: Global): boolean {
    return state.channels.every((content, at) => content.length === 0 || channels[at]!.duplicating === 'always');
  }

  /** It starts nothing there. */
  function isOutside(name: string, snapshot: AnyMachineSnapshot): boolean {
    const { constraint } = system.actors[name]!;
    return constraint !== undefined && snapshot.status === 'active' && !guarded(name, () => constraint(snapshot));
  }

  function deadEnd(state: Global): string | undefined {
    const atRest = names.every((name, index) => {
      const { choices, rest } = system.actors[name]!;
      const { snapshot } = state.actors[index]!;
      if (snapshot.status === 'done' || isOutside(name, snapshot)) return true;
      if (rest === undefined) return choices.length === 0;
      if (typeof rest === 'function') return guarded(name, () => rest(snapshot));
      return rest.some((value) => snapshot.matches(value as never));
    });
    if (system.deadlock === 'violation' && !(atRest && isDrained(state))) {
      return DEADLOCK_PROPERTY;
    }
    return monitorProperties.find((_, at) => state.monitors[at]!.hasTag('hot'))?.name;
  }

  function stepsFrom(state: Global): ReturnType<NaiveWalk['stepsFrom']> {
    const found: ReturnType<NaiveWalk['stepsFrom']> = [];
    for (const [, run, starter] of stepsOf(state)) {
      begin(state);
      try {
        run();
        found.push({ starter, next: now });
      } catch (error) {
        if (error === DISABLED) continue;
        if (!(error instanceof ModelError)) throw error;
        found.push({ starter, next: state, error });
      }
    }
    return found;
  }

  function violates(state: Global, name: string): boolean {
    const property = system.properties.find((declared) => declared.name === name);
    if (property?.kind === 'always') return !property.holds(viewOf(state));
    const tag = (wanted: string) =>
      property?.kind === 'monitor' && state.monitors[monitorProperties.indexOf(property)]!.hasTag(wanted);
    if (tag('violation')) return true;
    if (stepsFrom(state).length > 0) return false;
    return property === undefined ? deadEnd(state) === name : tag('hot') === true;
  }

  /** What the level under way has shown that ends the search: the lowest rank counts, then the first name. */
  let finding: { rank: number; name: string; level: number; result(): NaiveResult } | undefined;

  function propose(rank: number, what: string | ModelError, end: number, failed?: string): void {
    const name = typeof what === 'string' ? what : what.code;
    if (finding && (rank > finding.rank || (rank === finding.rank && name >= finding.name))) return;
    const tell = (): NaiveResult => {
      if (typeof what === 'string') return result('violated', end, { property: what });
      const failure = result('model-error', end, { errorCode: what.code, error: what.message });
      if (failed !== undefined) failure.trace!.push(failed);
      return failure;
    };
    finding = { rank, name, level: Math.max(0, at < 0 ? 0 : found[at]!.depth), result: tell };
  }

  // Functions, as TypeScript does not see that `propose` sets it.
  const ended = () => finding?.result();
  const levelOfFinding = () => finding?.level ?? Number.POSITIVE_INFINITY;

  /** Stores a new state by `run`; what it violates is proposed. */
  function inspect(state: number, run: () => string | undefined): void {
    try {
      const broken = run();
      if (broken) propose(3 + system.properties.findIndex(({ name }) => name === broken), broken, state);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      propose(2, error, state);
    }
  }

  /** Makes `now` the initial state of one of the ways to start. */
  function start(inputs: Readonly<Record<string, unknown>>): void {
    begin({ actors: [], monitors: [], channels: channels.map(() => []) });
    now.monitors = monitors.map((monitor, index) => monitor.initial(monitorProperties[index]!.input)[0]);
    const starts = steppers.map((actor, index) => {
      const name = names[index]!;
      const input = Object.hasOwn(inputs, name) ? inputs[name] : system.actors[name]!.input;
      const [snapshot, actions] = actor.initial(input);
      now.actors.push({ snapshot, timers: NOTHING, order: [] });
      return actions;
    });
    busy = names.map(() => true);
    for (const [index, actions] of starts.entries()) {
      execute(index, actions);
      drain(index);
    }
    for (const name of happened) witnessed.add(name);
    options.onStep?.(microsteps);
  }

  try {
    if (options.onWalk) {
      const initial = system.starts.map((inputs) => {
        start(inputs);
        return now;
      });
      options.onWalk({
        initial,
        stepsFrom: stepsFrom as NaiveWalk['stepsFrom'],
        violates: violates as NaiveWalk['violates'],
      });
      return result('unknown');
    }
    const initial = system.starts.map((inputs) => {
      start(inputs);
      return now;
    });
    for (const state of initial) {
      if (known.has(keyOf(state))) continue;
      inspect(found.length, () => store(keyOf(state), state, -1, ''));
    }
    initials = found.length;
    if (ended()) return ended()!;
    if (found.length > maxStates) return result('unknown');

    for (at = 0; at < found.length; at++) {
      const { state, depth: level } = found[at]!;
      // A level is finished before what it has shown is told.
      if (level > levelOfFinding()) break;
      const successors: { key: string; state: Global; label: string; starter: Starter }[] = [];
      try {
        for (const [prefix, run, starter] of stepsOf(state)) {
          begin(state);
          label = prefix;
          try {
            run();
          } catch (error) {
            if (error === DISABLED) continue;
            throw error;
          }
          for (const name of happened) witnessed.add(name);
          options.onStep?.(microsteps);
          successors.push({ key: keyOf(now), state: now, label: label + parts.join(' -> '), starter });
        }
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        // A state with a step that fails counts, but none of its steps does.
        propose(1, error, at, label + parts.join(' -> '));
        continue;
      }
      steps += successors.length;
      edges[at] = successors;
      for (const { key, state: next, label: text } of successors) {
        if (known.has(key)) continue;
        inspect(found.length, () => store(key, next, at, text));
        if (found.length > maxStates) return ended() ?? result('unknown');
      }
      if (successors.length > 0) continue;
      try {
        const broken = deadEnd(state);
        if (broken) propose(0, broken, at);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        propose(0, error, at);
      }
    }
    if (ended()) return ended()!;
  } catch (thrown) {
    const error =
      thrown === DISABLED ? new ModelError('unhandled-message', 'the initial sends cannot be taken') : thrown;
    if (!(error instanceof ModelError)) throw error;
    return result('model-error', undefined, { errorCode: error.code, error: error.message });
  }
  const whole = system.properties.some(regionOf) ? { graph: graph() } : {};
  try {
    const unmet = whole.graph && violatedProgress(system, whole.graph);
    if (unmet !== undefined) return result('violated', undefined, { property: unmet, ...whole });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return result('model-error', undefined, { errorCode: error.code, error: error.message });
  }
  const missing = system.properties.find(
    ({ kind, name }) => (kind === 'reachable' || kind === 'happens') && !witnessed.has(name),
  );
  return missing
    ? result('violated', undefined, { property: missing.name, ...whole })
    : result('holds', undefined, whole);
}

/** A machine's own `transition` behind a scope that does nothing but collect the actions. */
function stepper(
  name: string,
  original: AnyStateMachine,
  names: readonly string[],
  note: (microstep: NaiveMicrostep) => void,
) {
  const machine = original.provide({});
  // XState's default never ends on a cycle of eventless transitions.
  machine.options = { ...machine.options, maxIterations: Math.min(ENDLESS, machine.options?.maxIterations ?? ENDLESS) };
  let actions: Action[] = [];
  const system = {
    _sendInspectionEvent(event: InspectionEvent) {
      if (event.type === '@xstate.microstep') note({ ...event, name });
    },
    /** The first thing that a new child asks for. */
    _bookId() {
      throw new ModelError('spawned-actor', `${name} spawns or invokes an actor`);
    },
    get(other: string) {
      // `undefined` would send the message to the sender itself.
      if (!names.includes(other)) throw new ModelError('unknown-actor', `${name} asks for the unknown actor ${other}`);
      return { id: other };
    },
  };
  const scope = {
    self: { id: name, sessionId: name, system },
    id: name,
    sessionId: name,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: (action: Action) => void actions.push(action),
    system,
  } as unknown as Parameters<typeof machine.transition>[2];

  function run(compute: () => AnyMachineSnapshot): [AnyMachineSnapshot, readonly Action[]] {
    actions = [];
    const snapshot = guarded(name, compute);
    if (snapshot.status === 'error') throw asModelError(name, snapshot.error);
    return [snapshot, actions];
  }
  return {
    name,
    initial: (input: unknown) => run(() => machine.getInitialSnapshot(scope as never, input as never)),
    transition: (snapshot: AnyMachineSnapshot, event: EventObject) =>
      run(() => machine.transition(snapshot, event, scope as never)),
    /** Whether it has a transition for the sending of such messages, in whatever state. */
    asksFor(type: string): boolean {
      const asked = (node: AnyStateMachine['root']): boolean =>
        Object.keys(node.config.on ?? {}).some(
          (on) => on === `sent.${type}` || (/^sent\..*\*$/.test(on) && `sent.${type}.`.startsWith(on.slice(0, -1))),
        ) || Object.values(node.states).some((inner) => asked(inner as AnyStateMachine['root']));
      return asked(machine.root as AnyStateMachine['root']);
    },
    /** `ignores`: only forbidden transitions, which do nothing, are enabled. */
    reaction(snapshot: AnyMachineSnapshot, event: EventObject): 'none' | 'ignores' | 'acts' {
      if (snapshot.status !== 'active') return 'none';
      const enabled = guarded(name, () => machine.getTransitionData(snapshot as never, event));
      if (enabled.length === 0) return 'none';
      return enabled.some(({ target, actions }) => target !== undefined || actions.length > 0) ? 'acts' : 'ignores';
    },
  };
}

function guarded<T>(name: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw asModelError(name, error);
  }
}

function asModelError(name: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ModelError(message.startsWith('Infinite loop') ? 'endless-loop' : 'exception', `${name}: ${message}`);
}

function keyOf(state: Global): string {
  return JSON.stringify([
    state.actors.map(({ snapshot, timers, order }) => [keyOfSnapshot(snapshot), canonical(timers), order]),
    state.monitors.map(keyOfSnapshot),
    canonical(state.channels),
  ]);
}

/** Snapshots are shared between states, so that their part of the key need not be written again and again. */
const snapshotKeys = new WeakMap<AnyMachineSnapshot, string>();
function keyOfSnapshot(snapshot: AnyMachineSnapshot): string {
  let key = snapshotKeys.get(snapshot);
  if (key === undefined) {
    const history = Object.entries(snapshot.historyValue).map(([id, nodes]) => [
      id,
      nodes.map((node) => node.id).sort(),
    ]);
    key = canonical([snapshot.value, snapshot.context, Object.fromEntries(history), snapshot.status]);
    snapshotKeys.set(snapshot, key);
  }
  return key;
}

/** JSON that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function without(timers: Timers, id: string): Timers {
  const { [id]: _, ...rest } = timers;
  return rest;
}

function unordered(order: Order, id: string): Order {
  return order.filter((pair) => !pair.includes(id));
}

function show({ type, ...payload }: EventObject): string {
  return Object.keys(payload).length === 0 ? type : `${type}${JSON.stringify(payload)}`;
}
