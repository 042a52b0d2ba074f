// Keeps the pure core pure: no clock, randomness, timers, process, console, network or Node module in machines and src/domain.
// It reads the syntax tree, so words in comments and property names are free; it does not follow what a permitted package does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { filesUnder } from './tree.ts';

const pureFolders = ['machines', 'src/domain'];
/** Programs that stand in a pure folder and may touch the disk. */
const programs = new Set(['machines/generate.ts']);

const bannedGlobals = new Set([
  ...['Date', 'performance', 'Temporal', 'Intl'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'],
  ...['clearTimeout', 'clearInterval', 'clearImmediate'],
  ...['process', 'console', 'globalThis', 'global', 'require', 'crypto', 'fetch', 'WebSocket', 'Worker', 'eval'],
]);
const randomness = 'Math.random';

/** One line per use: `file:line: name is banned in the pure core`. */
export function findBannedUses(root: string): string[] {
  return pureFolders
    .flatMap((folder) => filesUnder(root, folder))
    .filter((path) => path.endsWith('.ts') && !programs.has(path))
    .flatMap((path) => bannedUsesIn(path, readFileSync(join(root, path), 'utf8')));
}

function bannedUsesIn(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = bannedName(node);
    if (name !== undefined) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push(`${path}:${line + 1}: ${name} is banned in the pure core`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function bannedName(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return isBannedIdentifier(node) ? node.text : undefined;
  if (ts.isStringLiteral(node)) return node.text.startsWith('node:') && isModuleName(node) ? node.text : undefined;
  if (ts.isMetaProperty(node)) return node.getText() === 'import.meta' ? 'import.meta' : undefined;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const full = `${node.expression.getText()}.${node.name.text}`;
  return full === randomness ? full : undefined;
}

/** `Math` alone (`const { random } = Math`, `Math['random']`) would be a way round the ban on its member. */
function isBannedIdentifier(node: ts.Identifier): boolean {
  if (isMemberName(node)) return false;
  return bannedGlobals.has(node.text) || (node.text === 'Math' && !ts.isPropertyAccessExpression(node.parent));
}

/** True for `x` in `a.x`, `{ x: 1 }`, `interface { x: T }`, `x() {}`: a name that refers to no global. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return parent.getLastToken() === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const named = [
    ts.isPropertyAssignment,
    ts.isPropertySignature,
    ts.isPropertyDeclaration,
    ts.isMethodDeclaration,
    ts.isMethodSignature,
    ts.isGetAccessor,
    ts.isSetAccessor,
  ].some((is) => is(parent));
  return named && (parent as ts.NamedDeclaration).name === node;
}

function isModuleName(node: ts.StringLiteral): boolean {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  if (ts.isLiteralTypeNode(parent)) return ts.isImportTypeNode(parent.parent);
  return ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
}
