/** The blocks of a document, and what a command should print, as a document shows it. A line `[...]` stands for any number of lines. */
const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
/** The commands that a document may show. */
const COMMAND = /^\$ npx faultline (.*)$/;

export interface Block {
  /** As it stands there, with its fences. */
  readonly block: string;
  readonly language: string;
  readonly body: string;
}

export function blocksOf(text: string): Block[] {
  return [...text.matchAll(FENCE)].map(([block, language, body]) => ({ block, language: language!, body: body! }));
}

/** A file that the document asks its reader to save: it begins with its name. */
export function fileOf({ language, body }: Block): string | undefined {
  const file = /^\/\/ ([\w./-]+\.(ts|json))\n/.exec(body);
  return file?.[2] === language ? file[1] : undefined;
}

/** A command, and the lines that it is shown to print. */
export function commandOf({ language, body }: Block) {
  const [first, ...shown] = body.trimEnd().split('\n');
  const line = language === 'console' ? COMMAND.exec(first!)?.[1] : undefined;
  return line === undefined ? undefined : { line, args: words(line), shown };
}

/** What should be shown of an output: with the same part left out as there is now. */
export function wanted(stdout: string, shown: readonly string[]): string[] {
  const output = stdout.trimEnd().split('\n');
  const gap = shown.indexOf('[...]');
  if (gap < 0) return output;
  const after = shown.length - gap - 1;
  return [...output.slice(0, gap), '[...]', ...output.slice(output.length - after)];
}

/** The block of a command with another output. */
export function blockOf(line: string, output: readonly string[]): string {
  return ['```console', `$ npx faultline ${line}`, ...output, '```'].join('\n');
}

/** Splits a command line as a shell would, as far as documents need it: quotes, nothing else. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!);
}

/** Durations and rates differ from run to run; so does the width of what pads them. */
export function timeless(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/\d+(\.\d+)?\s*(ms|s)\b/g, 'T')
    .replace(/\d+(\.\d+)?\s*[kM]?\s*(states|steps)\/s/g, 'RATE')
    .replace(/[ ─]+/g, ' ')
    .trim();
}
