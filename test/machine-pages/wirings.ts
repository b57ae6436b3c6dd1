/** `docs/machines/wirings.md`: what `faultline/machines` exports beside machines: rigs, monitors as properties, and parts, file by file. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { docstringBefore, plain, ROOT } from './sources.ts';

const FOLDERS = {
  rigs: 'Rigs: subsystems that are wired once. `assemble` puts several together, and says who is missing.',
  monitors: 'Properties: functions that make one, and the machines that watch for it.',
  parts: 'Parts: what nearly every machine repeats.',
};

const HEAD = `
<!-- Written by \`npm run generate\`. -->

# Rigs, properties and parts

What \`faultline/machines\` exports beside [machines](README.md). What a function takes is in its type, which an editor shows.
`;

export function wiringsPage(): string {
  const parts = Object.entries(FOLDERS).map(([folder, title]) => {
    const path = resolve(ROOT, 'machines', folder);
    const files = readdirSync(path).filter((file) => file.endsWith('.ts'));
    return [`## ${folder}`, title, ...files.sort().flatMap((file) => sectionOf(resolve(path, file), file))].join(
      '\n\n',
    );
  });
  return [HEAD.trimStart(), ...parts.map((part) => `${part}\n`)].join('\n');
}

function sectionOf(path: string, name: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const [first] = file.statements;
  const exported = file.statements.flatMap(exportsOf);
  const header = first ? plain(headerOf(file)) : '';
  const text = header.split(/\n\s*\n/).map((part) => (/^ {2}/.test(part) ? `\`\`\`\n${part}\n\`\`\`` : part));
  const rows = exported.map(({ name: what, node }) => {
    const own = plain(docstringBefore(file, node));
    // The first statement's docstring may be that of the file.
    return `- \`${what}\`${own === '' || own === header ? '' : `: ${own.replaceAll(/\s*\n\s*/g, ' ')}`}`;
  });
  return rows.length === 0 ? [] : [`### ${name}`, text.join('\n\n'), rows.join('\n')].filter((text) => text !== '');
}

function headerOf({ text }: ts.SourceFile): string {
  return text.startsWith('/**') ? text.slice(0, text.indexOf('*/') + 2) : '';
}

/** Functions with their parameters, and constants; types are told by those. */
function exportsOf(node: ts.Statement): { name: string; node: ts.Node }[] {
  const isExported =
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!isExported) return [];
  if (ts.isFunctionDeclaration(node)) {
    const parameters = node.parameters.map(({ name, questionToken, initializer }) => {
      const text = ts.isIdentifier(name) ? name.text : `{ ${name.elements.map((one) => one.getText()).join(', ')} }`;
      return questionToken || initializer ? `${text}?` : text;
    });
    return [{ name: `${node.name!.text}(${parameters.join(', ')})`, node }];
  }
  if (!ts.isVariableStatement(node)) return [];
  return node.declarationList.declarations.map(({ name }) => ({ name: name.getText(), node }));
}
