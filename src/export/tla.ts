/** A model as a TLA+ module, for TLC: one action per step. Values are strings, so that states read like traces. */
import { type Expression, type Notation, not, write } from './expression.ts';
import { aligned, type Lines, textOf, wrapped, wrappedWords } from './lines.ts';
import {
  type Action,
  type Assignments,
  isProgress,
  leftOut,
  type Model,
  type ModelChannel,
  type Rule,
} from './model.ts';
import { plainText } from './names.ts';
import { grouped } from './promela.ts';

/**
 * @param title what the model is, and how to make it again: lines for the comment at the top
 * @param name the module's, which TLC wants to be that of its file
 *
 * @example
 * ```ts
 * import { exploreSpace, modelOf, toTla } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const model = modelOf(await exploreSpace(lights));
 * toTla(model, ['two lights'], 'lights').length > 100; // => true
 * ```
 */
export function toTla(model: Model, title: readonly string[], name: string): string {
  return textOf(new Tla(model).lines(title, name));
}

const INVARIANTS: ReadonlySet<string> = new Set(['always', 'monitor', 'hot', 'deadlock']);

/** What `toTla` does not say. */
export function leftOutOfTla({ properties }: Model): string[] {
  return leftOut(properties.filter((property) => property.kind === 'happens' || isProgress(property)));
}

class Tla implements Notation {
  readonly true = 'TRUE';
  readonly false = 'FALSE';
  readonly and = ' /\\ ';
  readonly or = ' \\/ ';
  readonly #model: Model;
  readonly #variables: readonly string[];

  constructor(model: Model) {
    this.#model = model;
    this.#variables = [
      ...model.machines.map(({ identifier }) => identifier),
      ...model.channels.flatMap(({ identifier }) => [identifier, `${identifier}_length`]),
      ...(model.isComplete ? [] : ['steps_left']),
    ];
  }

  lines(title: readonly string[], name: string): Lines {
    const { groups } = this.#model;
    const actions = groups.flatMap(({ rules }) => rules.map(({ identifier }) => identifier));
    return [
      `${'-'.repeat(20)} MODULE ${name} ${'-'.repeat(20)}`,
      ...this.#header(title),
      'EXTENDS Naturals, Sequences',
      '',
      ...wrappedWords(this.#variables.join(', '), 'VARIABLES ', '          '),
      '',
      ...wrappedWords(`${this.#variables.join(', ')} >>`, 'vars_ == << ', '            '),
      '',
      ...this.#values(),
      'Init_ ==',
      this.#initial(),
      '',
      ...this.#edges(),
      ...groups.flatMap(({ name: starter, rules }) => [
        `\\* What ${plainText(starter)} starts.`,
        '',
        ...rules.flatMap((rule) => this.#rule(rule)),
      ]),
      'Next_ ==',
      ...this.#edgeOfNext(),
      actions.length === 0 ? ['FALSE'] : actions.map((action) => `${this.#hasEdges ? '   ' : ''}\\/ ${action}`),
      '',
      'Spec_ == Init_ /\\ [][Next_]_vars_',
      '',
      ...this.#properties(actions),
      '='.repeat(60),
    ];
  }

  /** Where the model ends, although the system may not: at violations, and after the first steps. */
  #edges(): Lines {
    const { isComplete, cutBy, stopped } = this.#model;
    if (!this.#hasEdges) return [];
    const conditions = [
      ...(isComplete ? [] : ['steps_left = 0']),
      ...(cutBy.length === 0 ? [] : [write(stopped, this, 'any')]),
    ];
    return [
      '\\* Nothing behind a violation is part of the model, nor behind its last step.',
      'Stopped_ ==',
      wrapped(conditions.join(' \\/ '), '', '  '),
      '',
    ];
  }

  #edgeOfNext(): Lines {
    if (!this.#hasEdges) return [];
    const counted = this.#model.isComplete ? [] : ["/\\ steps_left' = steps_left - 1"];
    return [['/\\ ~Stopped_', ...counted, '/\\']];
  }

  get #hasEdges(): boolean {
    return !this.#model.isComplete || this.#model.cutBy.length > 0;
  }

  #header(title: readonly string[]): string[] {
    const { states, steps, depth, isComplete, expandedDepth, properties, cutBy, starts } = this.#model;
    const count = (value: number) => value.toLocaleString('en-US');
    const counts = isComplete
      ? [
          `\\* ${count(states)} distinct states, ${count(steps + starts.length)} generated (steps and ${starts.length === 1 ? 'the initial state' : 'the initial states'}), depth ${depth + 1} (states on the`,
          '\\* longest shortest path).',
        ]
      : [
          `\\* Of the first ${expandedDepth} steps only: ${count(states)} states, which TLC counts once for each number of steps that leads to them.`,
          '\\* Search with one worker, which is breadth-first. The invariant Frontier_ is the edge of the model: no violation within these steps.',
        ];
    const behind =
      cutBy.length === 0 ? [] : [`\\* Nothing behind a violation is part of it (property ${cutBy.join(', ')}).`];
    const invariants = properties.filter(({ kind }) => INVARIANTS.has(kind));
    return [
      ...title.map((line) => `\\* ${plainText(line)}`.trimEnd()),
      '\\*',
      ...[...counts, ...behind],
      ...leftOutOfTla(this.#model).map((text) => `\\* Left out: ${plainText(text)}`),
      '\\*',
      '\\* The configuration, a file of the same name that ends in .cfg:',
      '\\*',
      '\\*   SPECIFICATION Spec_',
      '\\*   CHECK_DEADLOCK FALSE',
      ...invariants.map(({ number }) => `\\*   INVARIANT Property_${number}`),
      ...(isComplete ? [] : ['\\*   INVARIANT Frontier_']),
      '',
    ];
  }

  #values(): Lines {
    const { machines, channels } = this.#model;
    const enumeration = (rows: readonly (readonly [string, string])[]): Lines => [
      '{',
      aligned(
        rows.map(([value, text], at) => [`"${value}"${at === rows.length - 1 ? '' : ','}`, text]),
        (text) => `\\* ${text}`,
      ),
      '}',
    ];
    return [
      ...machines.flatMap(
        ({ name, identifier, isMonitor, values }): Lines => [
          `\\* ${isMonitor ? `Monitor: ${plainText(name)}` : plainText(name)}`,
          `${identifier}_values ==`,
          enumeration(values.map(({ identifier: value, comment }) => [value, comment])),
          '',
        ],
      ),
      ...channels.flatMap(
        ({ identifier, order, comment, messages }): Lines => [
          `\\* ${comment}`,
          `\\* ${order === 'fifo' ? 'A sequence, the oldest message first.' : 'How many there are of each message.'}`,
          `${identifier}_messages ==`,
          enumeration([...messages.values()].map(({ identifier: value, comment: text }) => [value, text])),
          '',
        ],
      ),
    ];
  }

  #initial(): Lines {
    const starts = this.#model.starts.map((_, at) => this.#start(at));
    return starts.length === 1 ? starts[0]! : starts.flatMap((lines) => ['\\/', lines]);
  }

  /** @param at among the initial states */
  #start(at: number): string[] {
    const { machines, channels } = this.#model;
    return [
      ...machines.map(({ identifier, values, initial }) => `/\\ ${identifier} = "${values[initial[at]!]!.identifier}"`),
      ...channels.flatMap(({ identifier, order, messages, initial: contents }) => {
        const initial = contents[at]!;
        const names = initial.map((message) => `"${messages.get(message)!.identifier}"`);
        const counts = new Map(names.map((text) => [text, names.filter((other) => other === text).length]));
        const count = [...counts].reduceRight(
          (otherwise, [text, number]) => `IF message = ${text} THEN ${number} ELSE ${otherwise}`,
          '0',
        );
        const content =
          order === 'fifo' ? `<< ${names.join(', ')} >>` : `[message \\in ${identifier}_messages |-> ${count}]`;
        return [`/\\ ${identifier} = ${content}`, `/\\ ${identifier}_length = ${initial.length}`];
      }),
      ...(this.#model.isComplete ? [] : [`/\\ steps_left = ${this.#model.expandedDepth + 1}`]),
    ];
  }

  #rule({ label, identifier, guard, action }: Rule): Lines {
    const always = guard.kind === 'constant' && guard.value;
    const condition = always
      ? []
      : wrapped(write(guard, this, guard.kind === 'any' ? 'all' : 'nothing'), '/\\ ', '   ');
    return [`\\* ${label}`, `${identifier} ==`, [...condition, ...this.#action(action)], ''];
  }

  /** Conjuncts, each with its bullet. */
  #action(action: Action): Lines {
    switch (action.kind) {
      case 'assign':
        return this.#assignments(action);
      case 'room': {
        const fits: Expression = { kind: 'atMost', slot: action.slot, count: action.atMost };
        return [
          `/\\ \\/ /\\ ${write(fits, this)}`,
          ...indented(this.#action(action.room), 6),
          `   \\/ /\\ ${write(not(fits), this)}`,
          ...indented(this.#action(action.full), 6),
        ];
      }
      default:
        return action.arms.flatMap(
          ({ values, action: inner }, at): Lines => [
            `${at === 0 ? '/\\ ' : '   '}\\/ /\\ ${this.#isOneOf(action.slot, values)}`,
            ...indented(this.#action(inner), 6),
          ],
        );
    }
  }

  #isOneOf(slot: number, values: readonly number[]): string {
    const { identifier, values: names } = this.#model.machines[slot]!;
    if (values.length === 1) return `${identifier} = "${names[values[0]!]!.identifier}"`;
    return `${identifier} \\in {${values.map((value) => `"${names[value]!.identifier}"`).join(', ')}}`;
  }

  #assignments({ story, removed, added, changes }: Assignments): Lines {
    // `Next_` counts the steps.
    const changed = new Set<string>(['steps_left']);
    const lines: string[] = [];
    for (const { slot, values } of changes) {
      changed.add(this.#model.machines[slot]!.identifier);
      lines.push(...this.#change(slot, values));
    }
    const slots = new Set([...(removed ? [removed.slot] : []), ...added.map(({ slot }) => slot)]);
    for (const slot of slots) {
      const { identifier, order, messages } = this.#channel(slot);
      const name = (message: number) => `"${messages.get(message)!.identifier}"`;
      const out = removed?.slot === slot ? [name(removed.message)] : [];
      const into = added.filter((one) => one.slot === slot).map(({ message }) => name(message));
      changed.add(identifier);
      if (order === 'fifo') {
        const place = removed?.place ?? 0;
        const rest =
          place === 0
            ? `Tail(${identifier})`
            : `(SubSeq(${identifier}, 1, ${place}) \\o SubSeq(${identifier}, ${place + 2}, Len(${identifier})))`;
        const start = out.length > 0 ? rest : identifier;
        lines.push(`/\\ ${identifier}' = ${into.reduce((queue, message) => `Append(${queue}, ${message})`, start)}`);
      } else {
        const parts = [
          ...out.map((message) => `![${message}] = @ - 1`),
          ...into.map((message) => `![${message}] = ${order === 'set' ? '1' : '@ + 1'}`),
        ];
        lines.push(`/\\ ${identifier}' = [${identifier} EXCEPT ${parts.join(', ')}]`);
      }
      if (order === 'set' && into.length > 0) {
        // One that leaves in the same step is not there any more.
        const grown = [...new Set(into)].map((message) =>
          out.includes(message) ? '1' : `(IF ${identifier}[${message}] = 0 THEN 1 ELSE 0)`,
        );
        changed.add(`${identifier}_length`);
        lines.push(`/\\ ${identifier}_length' = ${identifier}_length - ${out.length} + ${grown.join(' + ')}`);
        continue;
      }
      const difference = into.length - out.length;
      if (difference === 0) continue;
      changed.add(`${identifier}_length`);
      lines.push(
        `/\\ ${identifier}_length' = ${identifier}_length ${difference > 0 ? '+' : '-'} ${Math.abs(difference)}`,
      );
    }
    const unchanged = this.#variables.filter((variable) => !changed.has(variable));
    if (unchanged.length > 0) {
      lines.push(...wrappedWords(`${unchanged.join(', ')} >>`, '/\\ UNCHANGED << ', '                '));
    }
    return [...(story.length <= 1 ? [] : wrappedWords(story.join('; '), '\\* ', '\\*   ')), ...lines];
  }

  #change(slot: number, values: ReadonlyMap<number, number>): string[] {
    const { identifier, values: names } = this.#model.machines[slot]!;
    const groups = grouped(values);
    const name = (value: number) => `"${names[value]!.identifier}"`;
    if (groups.length === 1 && groups[0]!.changed.length === values.size)
      return [`/\\ ${identifier}' = ${name(groups[0]!.after)}`];
    const cases = groups
      .filter(({ changed }) => changed.length > 0)
      .map(({ after, changed }) => `${this.#isOneOf(slot, changed)} -> ${name(after)}`);
    const stays = [...values].some(([before, after]) => before === after);
    const all = [...cases, ...(stays ? [`OTHER -> ${identifier}`] : [])];
    return [`/\\ ${identifier}' =`, ...all.map((text, at) => `     ${at === 0 ? 'CASE' : '  []'} ${text}`)];
  }

  #properties(actions: readonly string[]): Lines {
    const lines = this.#model.properties.flatMap(({ number, name, kind, expression }): Lines => {
      const title = `\\* ${kind}: ${plainText(name)}`;
      const deadEnd = kind === 'hot' || kind === 'deadlock';
      const text = wrapped(write(expression, this, deadEnd ? 'any' : 'nothing'), '', '  ');
      switch (kind) {
        case 'always':
        case 'monitor':
          return [title, `Property_${number} ==`, text, ''];
        case 'hot':
        case 'deadlock':
          return [
            `${title}, where nothing can happen any more`,
            `Property_${number} ==`,
            [
              ...(this.#hasEdges ? ['\\/ Stopped_'] : []),
              ...(actions.length === 0 ? [] : ['\\/ ENABLED Next_']),
              ...text.map((line, at) => (at === 0 ? `\\/ ${line}` : `   ${line}`)),
            ],
            '',
          ];
        case 'reachable':
          return [
            `${title}: TLC shows a witness as a violation of the invariant Never_${number}`,
            `Never_${number} ==`,
            wrapped(write(not(expression), this), '', '  '),
            '',
          ];
        case 'happens':
        case 'eventually':
        case 'leadsTo':
        case 'infinitelyOften':
          return [`${title}: not asked here; SPIN can be, see the Promela export`, ''];
        default:
          return kind satisfies never;
      }
    });
    const frontier: Lines = this.#model.isComplete
      ? []
      : ['\\* Behind this nothing can be said.', 'Frontier_ ==', ['steps_left > 0'], ''];
    return [...lines, ...frontier];
  }

  #channel(slot: number): ModelChannel {
    return this.#model.channels.find((channel) => channel.slot === slot)!;
  }

  // --- notation ---

  not(text: string): string {
    return `~(${text})`;
  }

  isValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} = "${values[value]!.identifier}"`;
  }

  isNotValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} # "${values[value]!.identifier}"`;
  }

  offers(slot: number, message: number, place: number): string {
    const { identifier, order, messages } = this.#channel(slot);
    const name = `"${messages.get(message)!.identifier}"`;
    return order === 'fifo'
      ? place === 0
        ? `(${identifier} # << >> /\\ Head(${identifier}) = ${name})`
        : `(Len(${identifier}) > ${place} /\\ ${identifier}[${place + 1}] = ${name})`
      : `${identifier}[${name}] > 0`;
  }

  atMost(slot: number, count: number): string {
    const { identifier } = this.#channel(slot);
    return count === 0 ? `${identifier}_length = 0` : `${identifier}_length <= ${count}`;
  }

  content(slot: number, messages: readonly number[]): string {
    const { identifier, order, messages: names } = this.#channel(slot);
    const name = (message: number) => `"${names.get(message)!.identifier}"`;
    if (order === 'fifo') return `${identifier} = << ${messages.map(name).join(', ')} >>`;
    const parts = [...new Set(messages)].map(
      (message) => `${identifier}[${name(message)}] = ${messages.filter((other) => other === message).length}`,
    );
    return `(${[`${identifier}_length = ${messages.length}`, ...parts].join(' /\\ ')})`;
  }
}

/** Bullets of conjunctions must stand below each other. */
function indented(lines: Lines, by: number): Lines {
  return lines.map((line) =>
    typeof line === 'string' ? (line === '' ? line : ' '.repeat(by) + line) : indented(line, by),
  );
}
