/**
 * Machines that can be read in a source: only to say which of them a module does not export. What a machine is, its module tells when it
 * is loaded.
 */

export interface SourceMachine {
  /** Undefined for one that is handed on as it is made. */
  readonly name: string | undefined;
  /** From 1. */
  readonly line: number;
  /** Within a function, where nobody else reaches it. */
  readonly inside: boolean;
  /** By a statement of its own, or by another one. */
  readonly exported: boolean;
}

/** Whether a source may have machines in it at all, before it is loaded. */
export function mentionsMachine(source: string): boolean {
  return /\bcreateMachine\b|\bdefine(System|Scenario)\b|["']?\bstates["']?\s*:\s*\{/.test(source);
}

/** The calls of `createMachine` in a source, in order. */
export function machinesInSource(source: string): SourceMachine[] {
  const code = withoutTexts(source);
  return [...code.matchAll(/\bcreateMachine\s*(?:<[^()]*>)?\s*\(/g)].flatMap(({ index }): SourceMachine[] => {
    const start = statementStart(code, index);
    const statement = withoutGroups(code.slice(start, index));
    const [declaration, isExported, name] =
      /(\bexport\s+)?\b(?:const|let|var)\s+([\w$]+)[^=]*=(?!>)/.exec(statement) ?? [];
    const depth = depthAt(code, index);
    // A factory, or a component, that makes one each time it is called.
    const isMadeInside = declaration !== undefined && /=>|\bfunction\b/.test(statement.slice(declaration.length));
    // Its default is one that has no need of a name.
    if (/\bexport\s+default\b/.test(statement) && depth === 0) return [];
    if (/\bfunction\s+createMachine|\bimport\b/.test(statement)) return [];
    const line = code.slice(0, index).split('\n').length;
    const inside = depth > 0 || isMadeInside;
    if (name === undefined || isMadeInside) return [{ name: undefined, line, inside, exported: false }];
    return [{ name, line, inside, exported: !inside && (isExported !== undefined || isExportedLater(code, name)) }];
  });
}

function isExportedLater(code: string, name: string): boolean {
  const quoted = name.replaceAll('$', '\\$');
  return new RegExp(
    `\\bexport\\s+default\\s+${quoted}(?![\\w$])|\\bexport\\s*\\{[^}]*(?<![\\w$])${quoted}(?![\\w$])|\\bexports\\b[^\\n;]*(?<![\\w$])${quoted}(?![\\w$])`,
  ).test(code);
}

/** Where the statement begins that a place lies in: after the last `;`, brace or line that ends one at this depth. */
function statementStart(code: string, at: number): number {
  let depth = 0;
  for (let index = at - 1; index >= 0; index--) {
    const character = code[index]!;
    if (')]}'.includes(character)) depth++;
    else if ('([{'.includes(character) && --depth < 0) return index + 1;
    else if (depth > 0) continue;
    else if (character === ';') return index + 1;
    else if (
      character === '\n' &&
      /^\s*(export|const|let|var|function|return|import|class)\b/.test(code.slice(index, at))
    )
      return index + 1;
  }
  return 0;
}

/** How many braces are open. */
function depthAt(code: string, at: number): number {
  let depth = 0;
  for (let index = 0; index < at; index++) {
    if (code[index] === '{') depth++;
    else if (code[index] === '}') depth--;
  }
  return depth;
}

/** Without what stands in brackets, whatever it is. */
function withoutGroups(code: string): string {
  const shorter = code.replaceAll(/\([^()]*\)|\{[^{}]*\}|\[[^[\]]*\]/g, '');
  return shorter === code ? code : withoutGroups(shorter);
}

/** With spaces for what is within comments and strings, so that all else stays in its place. */
function withoutTexts(source: string): string {
  return source.replaceAll(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g,
    (text) => text.replaceAll(/[^\n]/g, ' '),
  );
}
