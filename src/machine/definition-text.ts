/** The system of a machine as a module that one can save, run, and go on from. */
import { inspect } from 'node:util';
import { missingDelaysOf, missingGuardsOf } from '../system/message-types.ts';
import type { MachineSystem } from './system-of.ts';

/** Where the machine comes from, and what has to be done to get it. */
export interface MachineSource {
  /** As an import names it: `./checkout.ts`. */
  readonly from: string;
  /** An item of a list is `machines[0]`. */
  readonly exportName: string;
  /** It is the configuration of a machine. */
  readonly isConfig: boolean;
  /** It is a function that builds the machine. */
  readonly isCalled: boolean;
  /** The expression of the constraint, if there is one. */
  readonly constraint?: string | undefined;
}

/** Names that the text uses itself. */
const TAKEN: ReadonlySet<string> = new Set(['actor', 'createMachine', 'defineSystem', 'openMachine', 'system']);

export function definitionText(made: MachineSystem, source: MachineSource): string {
  const { name, system, options } = made;
  const { from, isConfig, isCalled, constraint } = source;
  const [exportName, item] = partsOf(source);
  const local = exportName === 'default' || TAKEN.has(exportName) ? 'machine' : exportName;
  const imported =
    exportName === 'default' ? local : `{ ${exportName === local ? local : `${exportName} as ${local}`} }`;
  const attributes = from.endsWith('.json') ? " with { type: 'json' }" : '';
  const value = `${local}${isCalled ? '()' : item}`;
  const machine = isConfig ? `createMachine(${value})` : value;
  const hasOpen = missingGuardsOf(made.machine).length + missingDelaysOf(made.machine).length > 0;
  const { choices } = system.actors[name]!;
  return [
    `import { actor, defineSystem${hasOpen ? ', openMachine' : ''} } from 'faultline';`,
    ...(isConfig ? ["import { createMachine } from 'xstate';"] : []),
    `import ${imported} from '${from}'${attributes};`,
    '',
    'export const system = defineSystem({',
    '  actors: {',
    `    ${keyText(name)}: actor(${hasOpen ? `openMachine(${machine})` : machine}, {`,
    '      choices: [',
    ...choices.map((choice) => `        ${literal(choice)},`),
    '      ],',
    ...(options.input === undefined ? [] : [`      input: ${literal(options.input)},`]),
    ...(constraint === undefined ? [] : constraintLines(constraint)),
    '    }),',
    '  },',
    "  unhandled: 'ignore',",
    "  deadlock: 'ignore',",
    '});',
    '',
  ].join('\n');
}

/** The export, and which item of it where it is a list. */
function partsOf({ exportName }: MachineSource): [name: string, item: string] {
  const at = exportName.indexOf('[');
  return at < 0 ? [exportName, ''] : [exportName.slice(0, at), exportName.slice(at)];
}

function constraintLines(expression: string): string[] {
  const uses = (word: string) => new RegExp(`\\b${word}\\b`).test(expression);
  const data = ['context', 'value'].filter(uses);
  return [
    '      constraint: (snapshot) => {',
    ...(data.length === 0 ? [] : [`        const { ${data.join(', ')} } = snapshot;`]),
    ...['matches', 'hasTag']
      .filter(uses)
      .map((method) => `        const ${method} = (name) => snapshot.${method}(name);`),
    `        return ${expression};`,
    '      },',
  ];
}

function keyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

function literal(value: unknown): string {
  return inspect(value, {
    ...{ depth: Number.POSITIVE_INFINITY, breakLength: Number.POSITIVE_INFINITY },
    ...{ maxArrayLength: Number.POSITIVE_INFINITY, maxStringLength: Number.POSITIVE_INFINITY },
  });
}
