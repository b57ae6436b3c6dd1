/** A model as Murphi, for Rumur (and CMurphi): one rule per step. */
import { type Expression, type Notation, write } from './expression.ts';
import { aligned, type Lines, textOf, wrapped, wrappedWords } from './lines.ts';
import {
  type Action,
  type Assignments,
  isProgress,
  leftOut,
  type Machine,
  type Model,
  type ModelChannel,
  type Rule,
} from './model.ts';
import { plainText } from './names.ts';
import { behind, grouped } from './promela.ts';

/**
 * @param title what the model is, and how to make it again: lines for the comment at the top
 *
 * @example
 * ```ts
 * import { exploreSpace, modelOf, toMurphi } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const model = modelOf(await exploreSpace(lights));
 * toMurphi(model, ['two lights']).length > 100; // => true
 * ```
 */
export function toMurphi(model: Model, title: readonly string[]): string {
  return textOf(new Murphi(model).lines(title));
}

/** What `toMurphi` does not say. */
export function leftOutOfMurphi({ properties }: Model): string[] {
  return leftOut(properties.filter((property) => property.kind === 'happens' || isProgress(property)));
}

class Murphi implements Notation {
  readonly true = 'true';
  readonly false = 'false';
  readonly and = ' & ';
  readonly or = ' | ';
  /** Rumur copies what stands on the left of an operator again for each operator after it. */
  readonly chainMax = 4;
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  lines(title: readonly string[]): Lines {
    const { machines, channels, groups, starts } = this.#model;
    return [
      ...this.#header(title),
      ...this.#constants(),
      'type',
      [
        ...machines.flatMap((machine) => this.#machineType(machine)),
        ...channels.flatMap((channel) => this.#channelType(channel)),
      ],
      '',
      'var',
      [
        ...machines.map(({ identifier }) => `${identifier}: ${identifier}_state;`),
        ...channels.flatMap(({ identifier, order, size, copies }) => [
          order === 'fifo'
            ? `${identifier}: array [0 .. ${size - 1}] of ${identifier}_message;`
            : `${identifier}: array [${identifier}_message] of 0 .. ${copies};`,
          `${identifier}_length: 0 .. ${size};`,
        ]),
        ...(this.#model.isComplete ? [] : [`steps_left: 0 .. ${this.#model.expandedDepth + 1};`]),
      ],
      '',
      ...channels.flatMap((channel) => this.#channelProcedures(channel)),
      ...starts.flatMap((_, at) => this.#start(at)),
      ...this.#edges(),
      ...groups.flatMap(({ name, rules }) => [
        `-- What ${plainText(name)} starts.`,
        '',
        ...rules.flatMap((rule) => this.#rule(rule)),
      ]),
      ...this.#properties(),
    ];
  }

  /** @param at among the initial states */
  #start(at: number): Lines {
    const { machines, channels, starts, isComplete, expandedDepth } = this.#model;
    return [
      starts.length === 1 ? 'startstate' : `startstate "start ${starts[at]}"`,
      [
        ...machines.map(({ identifier, values, initial }) => `${identifier} := ${values[initial[at]!]!.identifier};`),
        ...channels.flatMap((channel) => this.#channelStart(channel, at)),
        ...(isComplete ? [] : [`steps_left := ${expandedDepth + 1};`]),
      ],
      'end;',
      '',
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
      '-- Nothing behind a violation is part of the model, nor behind its last step.',
      'function stopped(): boolean;',
      'begin',
      wrapped(`${conditions.join(' | ')};`, 'return ', '  '),
      'end;',
      '',
    ];
  }

  get #hasEdges(): boolean {
    return !this.#model.isComplete || this.#model.cutBy.length > 0;
  }

  #header(title: readonly string[]): string[] {
    const { states, steps, depth, isComplete, expandedDepth, cutBy } = this.#model;
    const count = (value: number) => value.toLocaleString('en-US');
    const counts = isComplete
      ? [`-- ${count(states)} states, ${count(steps)} steps (rules fired), depth ${depth}.`]
      : [
          `-- Of the first ${expandedDepth} steps only: ${count(states)} states, which Rumur counts once for each number of steps that leads to them.`,
          '-- Search with one thread, which is breadth-first. The invariant "frontier" is the edge of the model: no violation within these steps.',
        ];
    const behind =
      cutBy.length === 0 ? [] : [`-- Nothing behind a violation is part of it (property ${cutBy.join(', ')}).`];
    return [
      ...title.map((line) => `-- ${plainText(line)}`.trimEnd()),
      '--',
      ...[...counts, ...behind],
      ...leftOutOfMurphi(this.#model).map((text) => `-- Left out: ${plainText(text)}`),
      '--',
      '--   rumur --deadlock-detection off -o model.c MODEL.m      # dead ends that are wrong are an invariant, see the end',
      '--   gcc -std=c11 -O3 -march=native -mcx16 -o model model.c -lpthread -latomic',
      '--   ./model > output.txt                    # after an error: faultline replay ... --from-rumur output.txt',
      '',
    ];
  }

  #constants(): Lines {
    const large = this.#model.machines.filter(hasRange);
    if (large.length === 0) return [];
    const values = large.flatMap(
      (machine): Lines => [
        titleOf(machine),
        ...aligned(
          machine.values.map(({ identifier, comment }, at) => [`${identifier}: ${at};`, comment]),
          (text) => `-- ${text}`,
        ),
      ],
    );
    return ['const', values, ''];
  }

  #machineType(machine: Machine): Lines {
    const { identifier, values } = machine;
    if (hasRange(machine)) return [titleOf(machine), `${identifier}_state: 0 .. ${values.length - 1};`];
    return [
      titleOf(machine),
      `${identifier}_state: enum {`,
      enumeration(values.map(({ identifier: value, comment }) => [value, comment])),
      '};',
    ];
  }

  #channelType({ identifier, order, comment, messages }: ModelChannel): Lines {
    const names = [...messages.values()].map(({ identifier: name, comment: text }): [string, string] => [name, text]);
    const none: [string, string][] =
      order === 'fifo' || names.length === 0 ? [[`${identifier}_none`, 'no message']] : [];
    return [`-- ${comment}`, `${identifier}_message: enum {`, enumeration([...none, ...names]), '};'];
  }

  #channelProcedures({ identifier, order, size, losesAnywhere }: ModelChannel): Lines {
    const length = `${identifier}_length`;
    const isFifo = order === 'fifo';
    const procedure = (name: string, body: Lines, where = '') => [
      `procedure ${name}_${identifier}${where}(message: ${identifier}_message);`,
      'begin',
      body,
      'end;',
      '',
    ];
    return [
      isFifo
        ? `-- ${identifier}: the oldest message is at 0.`
        : `-- ${identifier}: how many there are of each message.`,
      ...procedure('add_to', [
        ...(order === 'set' ? [`if ${identifier}[message] > 0 then return; end;`] : []),
        isFifo ? `${identifier}[${length}] := message;` : `${identifier}[message] := ${identifier}[message] + 1;`,
        `${length} := ${length} + 1;`,
      ]),
      ...procedure('remove_from', [
        ...(isFifo
          ? [
              ...Array.from({ length: size - 1 }, (_, at) => `${identifier}[${at}] := ${identifier}[${at + 1}];`),
              `${identifier}[${size - 1}] := ${identifier}_none;`,
            ]
          : [`${identifier}[message] := ${identifier}[message] - 1;`]),
        `${length} := ${length} - 1;`,
      ]),
      // The others that one can be behind.
      ...Array.from({ length: losesAnywhere ? size - 1 : 0 }, (_, before) =>
        procedure(
          'remove_from',
          [
            ...Array.from(
              { length: size - 2 - before },
              (_, at) => `${identifier}[${before + 1 + at}] := ${identifier}[${before + 2 + at}];`,
            ),
            `${identifier}[${size - 1}] := ${identifier}_none;`,
            `${length} := ${length} - 1;`,
          ],
          behind(before + 1),
        ),
      ).flat(),
    ];
  }

  #channelStart({ identifier, order, size, messages, initial }: ModelChannel, at: number): string[] {
    const empty =
      order === 'fifo'
        ? `for at: 0 .. ${size - 1} do ${identifier}[at] := ${identifier}_none; end;`
        : `for message: ${identifier}_message do ${identifier}[message] := 0; end;`;
    const adds = initial[at]!.map((message) => `add_to_${identifier}(${messages.get(message)!.identifier});`);
    return [empty, `${identifier}_length := 0;`, ...adds];
  }

  #rule({ label, guardIdentifier, guard, action }: Rule): Lines {
    return [
      `function ${guardIdentifier}(): boolean;`,
      'begin',
      wrapped(`${write(guard, this)};`, 'return ', '  '),
      'end;',
      '',
      `rule "${label}"`,
      // Not within the guard: Rumur copies a function with each mention of it, and what that mentions.
      [this.#hasEdges ? `!stopped() & ${guardIdentifier}()` : `${guardIdentifier}()`],
      '==>',
      'begin',
      this.#action(action),
      ...(this.#model.isComplete ? [] : [['steps_left := steps_left - 1;']]),
      'end;',
      '',
    ];
  }

  #action(action: Action): Lines {
    switch (action.kind) {
      case 'assign':
        return this.#assignments(action);
      case 'room': {
        const fits: Expression = { kind: 'atMost', slot: action.slot, count: action.atMost };
        return [`if ${write(fits, this)} then`, this.#action(action.room), 'else', this.#action(action.full), 'end;'];
      }
      default: {
        const { identifier, values: names } = this.#model.machines[action.slot]!;
        const arms = action.arms.flatMap(({ values, action: inner }) => [
          ...wrappedWords(`${values.map((value) => names[value]!.identifier).join(', ')}:`, 'case ', '  '),
          this.#action(inner),
        ]);
        return [`switch ${identifier}`, [...arms, 'else', ['error "unreachable";']], 'end;'];
      }
    }
  }

  #assignments({ story, removed, added, changes }: Assignments): Lines {
    return [
      ...(story.length <= 1 ? [] : wrappedWords(story.join('; '), '-- ', '--   ')),
      ...(removed ? [this.#channelCall('remove_from', removed, behind(removed.place))] : []),
      ...added.map((one) => this.#channelCall('add_to', one)),
      ...changes.flatMap(({ slot, values }) => this.#change(slot, values)),
    ];
  }

  #change(slot: number, values: ReadonlyMap<number, number>): Lines {
    const { identifier, values: names } = this.#model.machines[slot]!;
    const groups = grouped(values);
    const assign = (after: number) => `${identifier} := ${names[after]!.identifier};`;
    if (groups.length === 1 && groups[0]!.changed.length === values.size) return [assign(groups[0]!.after)];
    const arms = groups
      .filter(({ changed }) => changed.length > 0)
      .flatMap(({ after, changed }) =>
        wrappedWords(
          `${changed.map((before) => names[before]!.identifier).join(', ')}: ${assign(after)}`,
          'case ',
          '  ',
        ),
      );
    const stays = [...values].some(([before, after]) => before === after);
    return [`switch ${identifier}`, [...arms, ...(stays ? [] : ['else error "unreachable";'])], 'end;'];
  }

  #channelCall(call: string, { slot, message }: { slot: number; message: number }, where = ''): string {
    const { identifier, messages } = this.#channel(slot);
    return `${call}_${identifier}${where}(${messages.get(message)!.identifier});`;
  }

  #properties(): Lines {
    const { properties, groups } = this.#model;
    const hasDeadEnds = properties.some(({ kind }) => kind === 'hot' || kind === 'deadlock');
    const guards = groups.flatMap(({ rules }) => rules.map(({ guardIdentifier }) => `${guardIdentifier}()`));
    const something: Lines = hasDeadEnds
      ? [
          'function something_can_happen(): boolean;',
          'begin',
          wrapped(`${[...(this.#hasEdges ? ['stopped()'] : []), ...guards].join(' | ') || 'false'};`, 'return ', '  '),
          'end;',
          '',
        ]
      : [];
    const lines = properties.flatMap(({ number, name, kind, expression }): Lines => {
      const title = `"${number} ${plainText(name)}"`;
      const text = wrapped(`${write(expression, this, kind === 'hot' || kind === 'deadlock' ? 'any' : 'nothing')};`);
      switch (kind) {
        case 'always':
        case 'monitor':
          return [`invariant ${title}`, ...text, ''];
        case 'hot':
        case 'deadlock':
          return [
            '-- Where nothing can happen any more.',
            `invariant ${title}`,
            '  something_can_happen() |',
            ...text,
            '',
          ];
        case 'reachable':
          return [`cover ${title}`, ...text, ''];
        case 'happens':
        case 'eventually':
        case 'leadsTo':
        case 'infinitelyOften':
          return [`-- ${kind} ${title}: not asked here; SPIN can be, see the Promela export.`, ''];
        default:
          return kind satisfies never;
      }
    });
    const frontier: Lines = this.#model.isComplete
      ? []
      : ['-- Behind this nothing can be said.', 'invariant "frontier"', '  steps_left > 0', ''];
    return [...something, ...lines, ...frontier];
  }

  #channel(slot: number): ModelChannel {
    return this.#model.channels.find((channel) => channel.slot === slot)!;
  }

  // --- notation ---

  not(text: string): string {
    return `!(${text})`;
  }

  isValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} = ${values[value]!.identifier}`;
  }

  isNotValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} != ${values[value]!.identifier}`;
  }

  offers(slot: number, message: number, place: number): string {
    const { identifier, order, messages } = this.#channel(slot);
    const name = messages.get(message)!.identifier;
    return order === 'fifo' ? `${identifier}[${place}] = ${name}` : `${identifier}[${name}] > 0`;
  }

  atMost(slot: number, count: number): string {
    const { identifier } = this.#channel(slot);
    return count === 0 ? `${identifier}_length = 0` : `${identifier}_length <= ${count}`;
  }

  content(slot: number, messages: readonly number[]): string {
    const { identifier, order, messages: names } = this.#channel(slot);
    const parts = [`${identifier}_length = ${messages.length}`];
    if (order === 'fifo') {
      messages.forEach((message, at) => {
        parts.push(`${identifier}[${at}] = ${names.get(message)!.identifier}`);
      });
    } else {
      for (const message of new Set(messages)) {
        const count = messages.filter((other) => other === message).length;
        parts.push(`${identifier}[${names.get(message)!.identifier}] = ${count}`);
      }
    }
    return `(${parts.join(' & ')})`;
  }
}

/** Rumur copies a whole enumeration with each mention of one of its values: gigabytes, where there are some hundred of them. */
const ENUMERATED_MAX = 64;

function hasRange({ values }: Machine): boolean {
  return values.length > ENUMERATED_MAX;
}

function titleOf({ name, isMonitor }: Machine): string {
  return `-- ${isMonitor ? `Monitor: ${plainText(name)}` : plainText(name)}`;
}

function enumeration(rows: readonly [string, string][]): string[] {
  return aligned(
    rows.map(([name, text], at) => [at === rows.length - 1 ? name : `${name},`, text]),
    (text) => `-- ${text}`,
  );
}
