/** A model as Promela, for SPIN: one `d_step` per step. */
import { type Expression, type Notation, not, write } from './expression.ts';
import { aligned, type Lines, textOf, wrapped, wrappedWords } from './lines.ts';
import type { Action, Assignments, Machine, Model, ModelChannel, ModelProperty, Rule, RuleGroup } from './model.ts';
import { plainText } from './names.ts';

/** @param title what the model is, and how to make it again: lines for the comment at the top */
export function toPromela(model: Model, title: readonly string[]): string {
  return textOf(new Promela(model).lines(title));
}

const PROCESSES_MAX = 250;

class Promela implements Notation {
  readonly true = 'true';
  readonly false = 'false';
  readonly and = ' && ';
  readonly or = ' || ';
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  lines(title: readonly string[]): Lines {
    const { machines, channels } = this.#model;
    const groups = this.#processes();
    return [
      ...this.#header(title),
      ...machines.flatMap((machine) => this.#declareMachine(machine)),
      ...channels.flatMap((channel) => this.#declareChannel(channel)),
      '',
      '/* For a property that something can happen: -DASK=N. Without: -DNO_PROPERTIES, for counting all states. */',
      '#ifndef ASK',
      '#define ASK 0',
      '#endif',
      '/* The property with this number is violated, or its witness is found. */',
      '#define report(number) assert(number == 0)',
      '#define witness(number) assert(number != ASK)',
      '/* No state of the exported space comes here. */',
      '#define unreachable assert(false)',
      '',
      ...groups.flatMap(({ name, identifier, rules }) => [
        `/* What ${plainText(name)} starts. */`,
        `active proctype ${identifier}() {`,
        'end:',
        ['do', ...rules.flatMap((rule) => this.#rule(rule)), 'od'],
        '}',
        '',
      ]),
      ...this.#properties(),
    ];
  }

  /** One for each that starts something; SPIN takes at most 255, so beyond that all are one. */
  #processes(): readonly RuleGroup[] {
    const { groups } = this.#model;
    if (groups.length <= PROCESSES_MAX) return groups;
    return [{ name: 'everybody', identifier: groups[0]!.identifier, rules: groups.flatMap(({ rules }) => rules) }];
  }

  #header(title: readonly string[]): string[] {
    const { states, steps, depth, isComplete, expandedDepth } = this.#model;
    const count = (value: number) => value.toLocaleString('en-US');
    const counts = isComplete
      ? [`${count(states)} states, ${count(steps)} steps (SPIN's transitions less one), depth ${depth} (with -DBFS).`]
      : [
          `Of the first ${expandedDepth} steps only: ${count(states)} states. Search with -DBFS; what is found farther away than`,
          'that means nothing.',
        ];
    const vector = 100 + this.#bytes();
    const size = vector > 1000 ? ` -DVECTORSZ=${2 ** Math.ceil(Math.log2(vector))}` : '';
    return [
      '/*',
      ...title.map((line) => ` * ${plainText(line)}`.trimEnd()),
      ' *',
      ...counts.map((line) => ` * ${line}`),
      ' *',
      ' *   spin -o2 -a MODEL.pml                           # -o2: leaves out no variable, not even one that nothing reads',
      ` *   gcc -O2 -DSAFETY -DNOREDUCE -DBFS${size} -o pan pan.c     # without -DBFS: depth first`,
      ' *   ./pan -n',
      ' *   spin -t MODEL.pml > steps.txt                   # after an error; then: faultline replay ... --from-spin steps.txt',
      ' *',
      ' * A trace to "assertion violated (N==0)" has as many steps as it is deep, less one: it violates property N.',
      ' */',
      '',
    ];
  }

  #bytes(): number {
    const { machines, channels } = this.#model;
    const ofChannel = (channel: ModelChannel) =>
      2 * (channel.order === 'fifo' ? channel.size : channel.messages.size) + 2;
    return machines.length * 2 + channels.reduce((sum, channel) => sum + ofChannel(channel), 0);
  }

  #declareMachine({ name, identifier, isMonitor, values, initial }: Machine): string[] {
    return [
      `/* ${isMonitor ? `Monitor: ${plainText(name)}` : plainText(name)} */`,
      ...aligned(
        values.map(({ identifier: value, comment: text }, number) => [`#define ${value} ${number}`, text]),
        comment,
      ),
      `${typeFor(values.length)} ${identifier} = ${values[initial]!.identifier};`,
      '',
    ];
  }

  #declareChannel({ identifier, order, comment: what, size, copies, messages, initial }: ModelChannel): string[] {
    const isFifo = order === 'fifo';
    const names = [...messages.values()];
    const defined = aligned(
      names.map(({ identifier: name, comment: text }, number) => [
        `#define ${name} ${number + (isFifo ? 1 : 0)}`,
        text,
      ]),
      comment,
    );
    const ids = [...messages.keys()];
    const start = isFifo
      ? Array.from({ length: size }, (_, at) =>
          initial[at] === undefined ? '0' : messages.get(initial[at])!.identifier,
        )
      : ids.map((id) => String(initial.filter((message) => message === id).length));
    const values = initial.length === 0 ? '' : ` = { ${start.join(', ')} }`;
    const type = isFifo ? typeFor(names.length + 1) : typeFor(copies + 1);
    const length = `${identifier}_length`;
    return [
      `/* ${what} */`,
      ...(isFifo ? [`/* The oldest message is at 0; 0 is no message. */`] : ['/* How many there are of each. */']),
      ...defined,
      `${type} ${identifier}[${Math.max(1, isFifo ? size : ids.length)}]${values};`,
      `${typeFor(size + 1)} ${length}${initial.length === 0 ? '' : ` = ${initial.length}`};`,
      ...(isFifo
        ? [
            `inline add_to_${identifier}(message) { ${identifier}[${length}] = message; ${length}++ }`,
            `inline remove_from_${identifier}(message) {`,
            ...Array.from({ length: size - 1 }, (_, at) => `  ${identifier}[${at}] = ${identifier}[${at + 1}];`),
            `  ${identifier}[${size - 1}] = 0; ${length}--`,
            '}',
          ]
        : [
            `inline add_to_${identifier}(message) { ${identifier}[message]++; ${length}++ }`,
            `inline remove_from_${identifier}(message) { ${identifier}[message]--; ${length}-- }`,
          ]),
      '',
    ];
  }

  #rule({ label, guard, action }: Rule): Lines {
    const say = `printf("faultline: ${label.replaceAll('%', '%%')}\\n")`;
    return [
      ...wrapped(`${write(guard, this)} ->`, ':: d_step { ', '   '),
      [...separated([[say], ...this.#action(action)]), '}'],
    ];
  }

  /** Statements, each of several lines. */
  #action(action: Action): Lines[] {
    switch (action.kind) {
      case 'assign':
        return this.#assignments(action);
      case 'room': {
        const fits: Expression = { kind: 'atMost', slot: action.slot, count: action.atMost };
        const arm = (condition: string, inner: Action) => [`:: ${condition} ->`, separated(this.#actionOrSkip(inner))];
        return [['if', ...arm(write(fits, this), action.room), ...arm('else', action.full), 'fi']];
      }
      default: {
        const arms = action.arms.flatMap(({ values, action: inner }) => {
          const condition = values.map((value) => this.isValue(action.slot, value)).join(' || ');
          return [...wrapped(`${condition} ->`, ':: ', '   '), separated(this.#actionOrSkip(inner))];
        });
        return [['if', ...arms, ':: else -> unreachable', 'fi']];
      }
    }
  }

  #actionOrSkip(action: Action): Lines[] {
    const statements = this.#action(action);
    return statements.length === 0 ? [['skip']] : statements;
  }

  #assignments({ story, witnesses, removed, added, changes }: Assignments): Lines[] {
    const statements: Lines[] = [];
    for (const { number, kind, name } of this.#model.properties) {
      if (kind === 'happens' && witnesses.includes(name)) statements.push([`witness(${number})`]);
    }
    if (removed) statements.push([this.#channelCall('remove_from', removed)]);
    for (const one of added) statements.push([this.#channelCall('add_to', one)]);
    for (const { slot, values } of changes) statements.push(this.#change(slot, values));
    const told =
      story.length <= 1
        ? []
        : wrappedWords(story.join('; '), '/* ', '   ').map((line, at, lines) =>
            at === lines.length - 1 ? `${line} */` : line,
          );
    if (statements.length === 0) return told.length === 0 ? [] : [[...told, 'skip']];
    return [[...told, ...statements[0]!], ...statements.slice(1)];
  }

  #change(slot: number, values: ReadonlyMap<number, number>): Lines {
    const { identifier, values: names } = this.#model.machines[slot]!;
    const groups = grouped(values);
    const assign = (after: number) => `${identifier} = ${names[after]!.identifier}`;
    if (groups.length === 1 && groups[0]!.changed.length === values.size) return [assign(groups[0]!.after)];
    const arms = groups
      .filter(({ changed }) => changed.length > 0)
      .flatMap(({ after, changed }) => {
        const condition = changed.map((before) => this.isValue(slot, before)).join(' || ');
        return wrapped(`${condition} -> ${assign(after)}`, ':: ', '   ');
      });
    const stays = [...values].some(([before, after]) => before === after);
    return ['if', ...arms, `:: else -> ${stays ? 'skip' : 'unreachable'}`, 'fi'];
  }

  #channelCall(call: string, { slot, message }: { slot: number; message: number }): string {
    const { identifier, messages } = this.#channel(slot);
    return `${call}_${identifier}(${messages.get(message)!.identifier})`;
  }

  #properties(): Lines {
    const { properties } = this.#model;
    const stated = properties.filter(({ kind }) => kind !== 'reachable' && kind !== 'happens');
    const asked = properties.filter(({ kind }) => kind === 'reachable');
    const all = properties.map(({ number, name, kind }) => ` * ${number} ${kind}: ${plainText(name)}`);
    return [
      '/*',
      ...all,
      ' *',
      ' * `reachable` and `happens` are violated when nothing witnesses them. To ask for a witness: spin -DASK=N -o2 -a MODEL.pml;',
      ' * it is found when "assertion violated (N==0)", or "(N!=N)", is reported.',
      ' */',
      'active proctype properties() {',
      'end:',
      ['do', ':: false -> skip /* SPIN wants an option, there may be no other. */'],
      '#ifndef NO_PROPERTIES',
      [
        ...stated.flatMap((property) => this.#stated(property)),
        ...asked.flatMap(({ number, expression }) =>
          wrapped(`${number} == ASK && (${write(expression, this)}) -> report(${number})`, ':: ', '   '),
        ),
      ],
      '#endif',
      ['od'],
      '}',
    ];
  }

  #stated({ number, kind, expression }: ModelProperty): string[] {
    const violated = not(expression);
    const text = write(violated, this, 'all');
    const deadEnd = kind === 'hot' || kind === 'deadlock';
    if (violated.kind === 'constant' && !violated.value) return [];
    const condition = !deadEnd ? text : violated.kind === 'constant' ? 'timeout' : `timeout && ${text}`;
    return wrapped(`${condition} -> report(${number})`, ':: ', '   ');
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
    return `${identifier} == ${values[value]!.identifier}`;
  }

  isNotValue(slot: number, value: number): string {
    const { identifier, values } = this.#model.machines[slot]!;
    return `${identifier} != ${values[value]!.identifier}`;
  }

  offers(slot: number, message: number): string {
    const { identifier, order, messages } = this.#channel(slot);
    const name = messages.get(message)!.identifier;
    return order === 'fifo' ? `${identifier}[0] == ${name}` : `${identifier}[${name}] > 0`;
  }

  atMost(slot: number, count: number): string {
    const { identifier } = this.#channel(slot);
    return count === 0 ? `${identifier}_length == 0` : `${identifier}_length <= ${count}`;
  }

  content(slot: number, messages: readonly number[]): string {
    const { identifier, order, messages: names } = this.#channel(slot);
    const parts = [`${identifier}_length == ${messages.length}`];
    if (order === 'fifo') {
      messages.forEach((message, at) => {
        parts.push(`${identifier}[${at}] == ${names.get(message)!.identifier}`);
      });
    } else {
      for (const message of new Set(messages)) {
        const count = messages.filter((other) => other === message).length;
        parts.push(`${identifier}[${names.get(message)!.identifier}] == ${count}`);
      }
    }
    return `(${parts.join(' && ')})`;
  }
}

/** Values that become the same, and which of them change by that. */
export function grouped(values: ReadonlyMap<number, number>): { after: number; changed: number[] }[] {
  const groups = new Map<number, number[]>();
  for (const [before, after] of values) {
    if (!groups.has(after)) groups.set(after, []);
    if (before !== after) groups.get(after)!.push(before);
  }
  return [...groups].map(([after, changed]) => ({ after, changed }));
}

function typeFor(values: number): string {
  if (values <= 2) return 'bit';
  if (values <= 256) return 'byte';
  return values <= 32_768 ? 'short' : 'int';
}

function comment(text: string): string {
  return `/* ${text} */`;
}

/** Statements with semicolons between them. */
function separated(statements: readonly Lines[]): Lines {
  return statements.flatMap((lines, at) => {
    const last = lines.at(-1) as string;
    return at === statements.length - 1 ? lines : [...lines.slice(0, -1), `${last};`];
  });
}
