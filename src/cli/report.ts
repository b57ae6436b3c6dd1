/** Puts the results of a check where people find them: findings on stdout, mistakes in the model on stderr. */
import {
  costlyLines,
  hollowLines,
  type Look,
  type Reported,
  resultDetails,
  resultsTable,
  surprises,
  violationLines,
} from './check-text.ts';
import { coloursFor, type Environment, type Output, widthOf } from './environment.ts';

/** How many results are told in full when many are not as expected. */
const DETAILS_MAX = 3;

export function writeReport(reported: readonly Reported[], environment: Environment): void {
  const results = reported.map(({ result }) => result);
  const [only] = reported;
  // A single mistake is nothing but an error message: who reads stdout gets findings only.
  if (reported.length === 1 && results[0]!.verdict === 'model-error') {
    environment.stderr.write(`faultline: ${resultDetails(only!, lookOf(environment.stderr, environment))}\n`);
    return;
  }
  const look = lookOf(environment.stdout, environment);
  const sections = [resultsTable(results, look), summary(reported, look)];
  const told = worthTelling(reported, environment.showcase);
  for (const one of told) {
    if (one.result.verdict === 'model-error') continue;
    sections.push(
      reported.length === 1
        ? resultDetails(one, look)
        : `${look.colours.bold(`${one.args}:`)}\n\n${resultDetails(one, look)}`,
    );
  }
  environment.stdout.write(`${sections.filter((section) => section !== '').join('\n\n')}\n`);
  for (const one of told.filter(({ result }) => result.verdict === 'model-error')) {
    environment.stderr.write(
      `\nfaultline: ${one.args}: ${resultDetails(one, lookOf(environment.stderr, environment))}\n`,
    );
  }
}

/** A single result; else all that surprise; else the trace that the catalogue is shown by. */
function worthTelling(reported: readonly Reported[], showcase: string | undefined): Reported[] {
  if (reported.length === 1) return [...reported];
  const unexpected = reported.filter(
    ({ result }) => result.asExpected === false || (!result.expected && result.verdict !== 'holds'),
  );
  if (unexpected.length > 0) return unexpected.slice(0, DETAILS_MAX);
  const traces = reported.filter(({ result }) => result.trace !== null);
  const shown =
    traces.find(({ result }) => result.scenario === showcase) ?? traces.sort((a, b) => lengthOf(a) - lengthOf(b))[0];
  return shown ? [shown] : [];
}

function summary(reported: readonly Reported[], look: Look): string {
  const results = reported.map(({ result }) => result);
  const compared = results.filter(({ asExpected }) => asExpected !== null);
  if (reported.length === 1 && compared[0]?.asExpected !== false) return '';
  const agreeing = compared.filter(({ asExpected }) => asExpected).length;
  const lines = compared.length > 0 ? [`${agreeing} of ${compared.length} verdicts as expected`] : [];
  const [beside, violations] =
    reported.length === 1
      ? [[], []]
      : [[...hollowLines(results, look), ...costlyLines(results, look)], violationLines(reported)];
  const sections = [[...lines, ...surprises(results).map((line) => `  ${line}`), ...beside]];
  if (violations.length > 0)
    sections.push(['all violations, with the lengths of their shortest traces:', ...violations]);
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

function lengthOf({ result }: Reported): number {
  return result.trace?.steps.length ?? Number.POSITIVE_INFINITY;
}

/** How text on a stream looks. */
export function lookOf(output: Output, environment: Environment): Look {
  return {
    colours: coloursFor(output, environment),
    width: widthOf(output, environment),
  };
}
