// Where functions lie in a source text, and the words of refusals within it: what a guard's mutants are told by.
import ts from 'typescript';

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Ranges {
  readonly inside: readonly Range[];
  /** Arguments of `refuse`: what is said of a refusal, not whether there is one. */
  readonly words: readonly Range[];
}

/** Of the functions of these names; of the whole text where there is none. Fails: Error for a name that is no function there. */
export function rangesOf(source: string, names: readonly string[]): Ranges {
  const file = ts.createSourceFile('mutated.ts', source, ts.ScriptTarget.Latest, true);
  const inside: Range[] = names.length === 0 ? [{ from: 0, to: source.length }] : [];
  const words: Range[] = [];
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name =
      ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) || ts.isMethodDeclaration(node)
        ? node.name?.getText(file)
        : undefined;
    if (name !== undefined && names.includes(name)) {
      inside.push({ from: node.getStart(file), to: node.getEnd() });
      found.add(name);
    }
    if (ts.isCallExpression(node) && node.expression.getText(file) === 'refuse') {
      for (const argument of node.arguments) words.push({ from: argument.getStart(file), to: argument.getEnd() });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`${missing.join(', ')}: no such function`);
  return { inside, words };
}

export const isWithin = (ranges: readonly Range[], { from, to }: Range): boolean =>
  ranges.some((range) => range.from <= from && to <= range.to);

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export function offsetsOf(source: string): (position: Position) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ line, column }) => (starts[line - 1] ?? 0) + column - 1;
}
