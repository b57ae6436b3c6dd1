/** What must be true of every case, whatever it asked for. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from '../../cli/harness.ts';
import type { Case } from './case.ts';

const DOCUMENTED: readonly (number | null)[] = [0, 1, 2, 3, 4];
/** As shells count SIGINT, SIGTERM, SIGHUP. */
const SIGNALLED: readonly number[] = [130, 143, 129];

/** @param left names of the files that were not there before, below the folder of the case */
export function complaintsAbout(
  one: Case,
  { status, stdout, stderr }: Ran,
  folder: string,
  left: readonly string[],
): string[] {
  const complaints: string[] = [];
  const complain = (what: string) => complaints.push(what);
  const { stdout: ending = 'pipe', signals = [] } = one.ending ?? {};
  const isSignalled = status !== null && signals.length > 0 && SIGNALLED.includes(status);
  const isWhole = ending === 'pipe';
  // Of a module that sends itself one.
  const kills = Object.values(one.files).some((bytes) => Buffer.from(bytes).includes('process.kill('));
  if (!isSignalled && !kills && !DOCUMENTED.includes(status)) complain(`the status is ${status}`);
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    if (text.includes('this is a bug in faultline')) complain(`${name} calls it a bug in faultline`);
    if (/^\s+at .*\n\s+at /m.test(text)) complain(`${name} has a stack trace`);
    if (/FATAL ERROR|node:internal/.test(text)) complain(`${name} has an error of Node's own`);
    const control = /[^\P{Cc}\n\t]/u.exec(text);
    if (control && !isPicture(one) && !text.includes('\ufffd'))
      complain(`${name} has the control character U+${control[0].charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  if (status === 3) {
    if (isWhole && stdout !== '') complain(`a usage error printed on stdout: ${JSON.stringify(stdout.slice(0, 200))}`);
    // What a module writes comes before, and need not end its line.
    const writes = Object.values(one.files).some((bytes) => Buffer.from(bytes).includes('process.stdout.write('));
    const first = messages(stderr).find((line) => !writes || line.startsWith('faultline: '));
    if (!first?.startsWith('faultline: ')) complain('a usage error whose message does not begin with "faultline: "');
    // A note about a result that cannot be written may come before.
    const isNote = (line: string) => !isWhole && /^faultline: only [\d,]+ states were searched/.test(line);
    const said = messages(stderr).filter((line) => line.startsWith('faultline: ') && !isNote(line));
    if (said.length !== 1) complain('a usage error that is not one message');
  }
  if (status === 4 && isWhole && !/\b(the model is wrong|model[- ]error|is not a behaviour)\b/.test(stdout + stderr))
    complain('the model is wrong, and nothing says so');
  if (status === 4 && isWhole && !/\([a-z-]+\)|"code": "[a-z-]+"/.test(stdout + stderr))
    complain('the model is wrong, without a code');
  if (one.json === true && isWhole && !isSignalled && status !== null)
    complaints.push(...aboutDocument(one, status, stdout, stderr));
  complaints.push(...left.flatMap((name) => aboutFile(one, folder, name)));
  return complaints;
}

/** Without logs and what a search says on its way. */
function messages(stderr: string): string[] {
  const isProgress = (line: string) => line.startsWith('{"level"') || /, [\d,]+ states?, [\d.]+ s$/.test(line);
  return stderr.split('\n').filter((line) => line !== '' && !isProgress(line));
}

function isPicture({ args }: Case): boolean {
  return args.some((arg) => arg.includes('png'));
}

function aboutDocument({ command }: Case, status: number, stdout: string, stderr: string): string[] {
  if (stdout === '') {
    // A diagram may go to a file, and nothing is known of a command whose time was over while it loaded a module.
    const isEarly = status === 2 && /^faultline: still (loading|running) .* it was ended$/m.test(stderr);
    return status <= 2 && command !== 'diagram' && !isEarly ? ['--json, and no document on stdout'] : [];
  }
  let document: unknown;
  try {
    document = JSON.parse(stdout);
  } catch (error) {
    return command === 'diagram' && status <= 2 && !stdout.startsWith('{')
      ? []
      : [`stdout is not one JSON document: ${(error as Error).message}`];
  }
  const told = (document as { status?: unknown } | null)?.status;
  return told !== undefined && told !== status
    ? [`the document says status ${JSON.stringify(told)}, the process ${status}`]
    : [];
}

const JSON_FLAGS = new Set(['trace-out', 'sarif', 'coverage-out']);

function aboutFile({ written, args }: Case, folder: string, name: string): string[] {
  if (/\.tmp$|^\.faultline/.test(name)) return [`a temporary file was left: ${name}`];
  const asked = written.find((one) => one.name === name);
  const isAskedOtherwise = args.some(
    (arg) => arg !== '' && (arg.includes(name) || arg.split('=').at(-1) === name.split('/')[0]),
  );
  // What a link leads to is written when the link is.
  const isLinked = name === 'nowhere' && args.some((arg) => arg.includes('dangling'));
  if (!asked && !isAskedOtherwise && !isLinked && !/^(saved|new|plots|folder)\//.test(name))
    return [`a file that nobody asked for: ${name}`];
  if (!asked || !lstatSync(join(folder, name)).isFile()) return [];
  const text = readFileSync(join(folder, name), 'utf8');
  if (text === '' && asked.flag !== 'log') return [`${name} is empty`];
  // Two flags may name one file; what the last one wrote is there.
  if (JSON_FLAGS.has(asked.flag) || /^\s*[[{]"/.test(text)) {
    try {
      JSON.parse(text);
    } catch {
      if (asked.flag !== 'log' && JSON_FLAGS.has(asked.flag)) return [`${name} (--${asked.flag}) is not whole`];
    }
  }
  if (asked.flag === 'junit' && !text.trimEnd().endsWith('</testsuites>')) return [`${name} (--junit) is not whole`];
  if (text.startsWith('<svg') && !text.trimEnd().endsWith('</svg>')) return [`${name} is an SVG that is cut`];
  if (/^<!doctype html/i.test(text) && !text.trimEnd().endsWith('</html>')) return [`${name} is a page that is cut`];
  return [];
}

/** Files below a folder, links as themselves. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
