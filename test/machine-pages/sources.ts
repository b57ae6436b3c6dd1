/**
 * What the sources of `machines` say of each exported machine: its documentation, its input and its events.
 *
 * Types are taken where `setup({ types: … })` names them. What XState infers of a machine says the same, and takes a minute to find out.
 * For the same reason only files of ours are read, and no packages.
 */
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MACHINES = resolve(ROOT, 'machines');

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly description: string;
}

export interface EventSource {
  readonly type: string;
  readonly description: string;
  readonly payload: readonly Member[];
}

export interface MachineSource {
  /** Seen from `machines`. */
  readonly file: string;
  /** The file's first docstring, its lines without what makes it one. */
  readonly header: string;
  /** That of the export itself; empty when there is none. */
  readonly own: string;
  /** All comments of the file, as text. */
  readonly comments: string;
  readonly input: readonly Member[];
  readonly events: readonly EventSource[];
  /** The files that it has its parts from. */
  readonly basedOn: readonly string[];
}

/** @param names those exports that are machines, which is known to who runs them */
export function machineSources(names: ReadonlySet<string>): ReadonlyMap<string, MachineSource> {
  const index = resolve(MACHINES, 'index.ts');
  const program = ts.createProgram({ rootNames: [index], options: OPTIONS, host: hostOfOurs() });
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!);
  const found = new Map<string, MachineSource>();
  for (const symbol of exported) {
    const { valueDeclaration: declaration } = aliased(checker, symbol);
    if (!names.has(symbol.name)) continue;
    if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) continue;
    const made = madeOf(checker, declaration.initializer) ?? UNKNOWN;
    const file = declaration.getSourceFile();
    const comments = commentsOf(file);
    const statement = declaration.parent.parent;
    const own = docstringBefore(file, statement);
    found.set(symbol.name, {
      file: pathOf(file),
      header: comments[0]?.startsWith('/**') ? plain(comments[0]) : '',
      // The header of a file that begins with its machine is not said twice.
      own: own === comments[0] ? '' : plain(own),
      comments: comments.map(plain).join('\n'),
      input: made.input ? membersOf(checker, checker.getTypeFromTypeNode(made.input)) : [],
      events: made.events ? eventsOf(checker, checker.getTypeFromTypeNode(made.events)) : [],
      basedOn: [...made.files].filter((other) => other !== file).map(pathOf),
    });
  }
  return found;
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es5.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
};

/** Packages stay unknown. */
function hostOfOurs(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith('.')
        ? { resolvedFileName: resolve(dirname(from), text), extension: ts.Extension.Ts }
        : undefined,
    }));
  return host;
}

function pathOf({ fileName }: ts.SourceFile): string {
  return relative(MACHINES, fileName).replaceAll('\\', '/');
}

// --- how a machine is made ---

interface Made {
  readonly input: ts.TypeNode | undefined;
  readonly events: ts.TypeNode | undefined;
  /** Where what it is made of stands. */
  readonly files: ReadonlySet<ts.SourceFile>;
}

/** Made in a way that is not understood here. */
const UNKNOWN: Made = { input: undefined, events: undefined, files: new Set() };

/** What an expression makes, if that is a setup or a machine. */
function madeOf(checker: ts.TypeChecker, expression: ts.Expression): Made | undefined {
  if (
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
  ) {
    return madeOf(checker, expression.expression);
  }
  if (ts.isIdentifier(expression)) return madeByName(checker, expression);
  if (!ts.isCallExpression(expression)) return undefined;
  const { expression: callee, arguments: args } = expression;
  if (ts.isIdentifier(callee)) {
    if (callee.text !== 'setup' && callee.text !== 'createMachine') return madeByName(checker, callee);
    return { files: new Set([expression.getSourceFile()]), ...typesIn(args[0]) };
  }
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const base = madeOf(checker, callee.expression);
  if (!base) return undefined;
  if (callee.name.text === 'createMachine') return base;
  if (callee.name.text !== 'extend') return undefined;
  const more = typesIn(args[0]);
  return { ...base, input: more.input ?? base.input, events: more.events ?? base.events };
}

/** By a constant, or by a function that makes machines. */
function madeByName(checker: ts.TypeChecker, name: ts.Identifier): Made | undefined {
  const symbol = checker.getSymbolAtLocation(name);
  const declaration = symbol && aliased(checker, symbol).valueDeclaration;
  if (!declaration) return undefined;
  const making = ts.isVariableDeclaration(declaration) ? declaration.initializer : returnedBy(declaration);
  const made = making && madeOf(checker, making);
  return made && { ...made, files: new Set([...made.files, declaration.getSourceFile()]) };
}

function returnedBy(declaration: ts.Declaration): ts.Expression | undefined {
  if (!ts.isFunctionDeclaration(declaration)) return undefined;
  const statement = declaration.body?.statements.find(ts.isReturnStatement);
  return statement?.expression;
}

function typesIn(argument: ts.Expression | undefined): Pick<Made, 'input' | 'events'> {
  const types = memberOf(argument, 'types');
  const named = (name: string) => {
    const value = memberOf(types, name);
    return value && ts.isAsExpression(value) ? value.type : undefined;
  };
  return { input: named('input'), events: named('events') };
}

function memberOf(object: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (!object || !ts.isObjectLiteralExpression(object)) return undefined;
  const member = object.properties.find((property) => property.name && property.name.getText() === name);
  return member && ts.isPropertyAssignment(member) ? member.initializer : undefined;
}

function aliased(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

// --- types ---

function membersOf(checker: ts.TypeChecker, type: ts.Type): Member[] {
  return checker.getPropertiesOfType(type).map((property) => {
    const node = property.valueDeclaration;
    const written = node && ts.isPropertySignature(node) ? node.type?.getText() : undefined;
    return {
      name: property.name,
      type: oneLine(written ?? checker.typeToString(checker.getTypeOfSymbol(property), undefined, FULL)),
      optional: (property.flags & ts.SymbolFlags.Optional) !== 0,
      description: oneLine(ts.displayPartsToString(property.getDocumentationComment(checker))),
    };
  });
}

const FULL = ts.TypeFormatFlags.NoTruncation;

/** One for each type of an event; members of a union keep their order. */
function eventsOf(checker: ts.TypeChecker, type: ts.Type): EventSource[] {
  const members = type.isUnion() ? type.types : [type];
  const events = members.flatMap((member) => {
    const property = checker.getPropertyOfType(member, 'type');
    if (!property) return [];
    const literal = checker.getTypeOfSymbol(property);
    const types = (literal.isUnion() ? literal.types : [literal]).flatMap((one) =>
      one.isStringLiteral() ? [one.value] : [],
    );
    const payload = membersOf(checker, member).filter(({ name }) => name !== 'type');
    return types.map((type) => ({ type, description: descriptionOf(checker, member), payload }));
  });
  return events.filter(({ type }, index) => events.findIndex((other) => other.type === type) === index);
}

/** Of an interface its docstring; of what is written out, the comment before it. */
function descriptionOf(checker: ts.TypeChecker, type: ts.Type): string {
  const parts = type.isIntersection() ? type.types : [type];
  const texts = parts.flatMap(({ symbol, aliasSymbol }) => {
    const named = aliasSymbol ?? symbol;
    const documented = named ? ts.displayPartsToString(named.getDocumentationComment(checker)) : '';
    if (documented !== '') return [oneLine(documented)];
    const node = symbol?.declarations?.find(ts.isTypeLiteralNode);
    return node ? [oneLine(plain(commentInUnion(node)))] : [];
  });
  return texts.find((text) => text !== '') ?? '';
}

/** What stands between the member of the union before it and the member. */
function commentInUnion(node: ts.Node): string {
  const { text } = node.getSourceFile();
  let member = node;
  while (!ts.isUnionTypeNode(member)) {
    if (ts.isParenthesizedTypeNode(member.parent) || ts.isIntersectionTypeNode(member.parent)) member = member.parent;
    else if (ts.isUnionTypeNode(member.parent)) break;
    else return '';
  }
  const union = member.parent as ts.UnionTypeNode;
  const before = union.types[union.types.indexOf(member as ts.TypeNode) - 1];
  const between = text.slice(before?.end ?? union.pos, member.getStart());
  const start = between.lastIndexOf('/**');
  return start < 0 ? '' : between.slice(start, between.indexOf('*/', start) + 2);
}

// --- comments ---

/** In the order of the file. */
function commentsOf({ text }: ts.SourceFile): string[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, false, ts.LanguageVariant.Standard, text);
  const comments: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia) {
      comments.push(scanner.getTokenText());
    }
  }
  return comments;
}

export function docstringBefore({ text }: ts.SourceFile, node: ts.Node): string {
  const comments = (ts.getLeadingCommentRanges(text, node.pos) ?? []).map(({ pos, end }) => text.slice(pos, end));
  return comments.findLast((comment) => comment.startsWith('/**')) ?? '';
}

export function plain(comment: string): string {
  return comment
    .replace(/^\/\*\*?\s?|\s*\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\*|\/\/) ?/, '').trimEnd())
    .join('\n')
    .trim();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
