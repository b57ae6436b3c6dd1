/** What `check` says of a machine without a system around it, beside its verdict. */
import type { MachineResult } from '../machine/check-machine.ts';
import { definitionText } from '../machine/definition-text.ts';
import type { CheckResultDocument } from './documents.ts';
import { wrapped } from './explanation-text.ts';
import type { BareTarget } from './target.ts';

type Described = NonNullable<CheckResultDocument['machine']>;

/** What is known before it is searched. */
export function describeMachine({ made, given, module }: BareTarget): Described {
  const { isConfig, isCalled, path, name } = module;
  const from = `./${path.replace(/^.*[/\\]/, '')}`;
  const { constraint } = given;
  return {
    name: made.name,
    ...given,
    assumed: [...made.assumed],
    findings: [],
    system: definitionText(made, { from, exportName: name, isConfig, isCalled, constraint }),
  };
}

export function describeFindings({ findings }: MachineResult): Described['findings'] {
  return findings.map(({ schedule, ...finding }) => ({ ...finding, schedule: schedule ?? null }));
}

export function findingLines({ machine }: CheckResultDocument, width: number): string[] {
  if (!machine || machine.findings.length === 0) return [];
  const lines = machine.findings.flatMap(({ kind, text, hint }) => {
    const head = `${kind.replace('-', ' ').padEnd(KIND_WIDTH)}  `;
    const margin = ' '.repeat(2 + head.length);
    return [
      ...wrapped(`${head}${text}`, width, '  ', margin),
      ...(hint === '' ? [] : wrapped(hint, width, margin, margin)),
    ];
  });
  return ['found without any property:', ...lines];
}

const KIND_WIDTH = 'not reached'.length;

/** What the result rests on, and how to go on. */
export function assumedLines({ machine }: CheckResultDocument, width: number): string[] {
  if (!machine) return [];
  const assumed = machine.assumed.flatMap((text) => wrapped(text, width, '  ', '    '));
  return [
    ...(assumed.length === 0 ? [] : ['assumed, as the machine does not say it:', ...assumed]),
    ...wrapped(
      'give events their payloads by --event, and say what has to hold in a system: --print-system prints the one to begin with',
      width,
      '',
      '  ',
    ),
  ];
}
