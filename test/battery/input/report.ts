/** What is said of a case. */
import { type Case, type Kind, shellLine } from './case.ts';
import type { Outcome } from './run-case.ts';

const TEXT_MAX = 3000;

/** A case and how it ended, with all that it takes to repeat it. */
export function reportOn(one: Case, { ran, complaints }: Outcome, only: Kind | undefined): string {
  const files = Object.entries(one.files)
    .map(([name, bytes]) => `--- ${name}, ${bytes.length} bytes\n${shown(Buffer.from(bytes).toString())}`)
    .filter((text) => one.kind !== 'flags' || text.length < 200);
  const ending = one.ending ? `; stdout ${one.ending.stdout}, signals ${JSON.stringify(one.ending.signals)}` : '';
  return [
    `\ncase ${one.index} (${one.kind}): ${complaints.join('; ') || 'all is well'}`,
    `  ${shellLine(one.args)}${ending}`,
    `  repeat it: npm run battery:input -- --seed ${one.seed} --case ${one.index}${only ? ` --only ${only}` : ''}`,
    ...files,
    `--- status ${ran.status}; stdout:\n${shown(ran.stdout)}`,
    `--- stderr:\n${shown(ran.stderr)}`,
  ].join('\n');
}

function shown(text: string): string {
  return printable(text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text);
}

export function printable(text: string): string {
  return text.replaceAll(/[^\n -~\u00a1-\u2fff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
