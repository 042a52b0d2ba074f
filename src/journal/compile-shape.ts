// Compiles the fields of one type into a writer and a reader without loops over fields, so that V8 sees constant property names and one
// object shape. Generated text holds only names that passed a check and JSON literals; it is built once, from declarations in code.
import { assert, InvariantError } from '#domain/assert.ts';
import type { Fields, Kind } from '#domain/schema.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';

export type Writer = (sink: ByteSink, value: unknown) => void;
export type Reader = (source: ByteSource) => unknown;

const choicesMax = 256;
const fieldName = /^[A-Za-z][A-Za-z0-9]*$/;

/** A function that writes the fields of `{ type: name, ... }` in declared order. */
export function compileWriter(name: string, fields: Fields): Writer {
  checkName(name, fields);
  const code = new Code();
  writeFields(code, 'value', fields, name);
  return code.compile(['sink', 'value']) as Writer;
}

/** A function that reads what the writer of the same fields wrote, as one object literal with its `type`. */
export function compileReader(name: string, fields: Fields): Reader {
  checkName(name, fields);
  const code = new Code();
  const members = readFields(code, fields, name);
  code.line(`return { type: ${literal(name)}, ${members} };`);
  return code.compile(['source']) as Reader;
}

/** The text of one function: its lines, the values that it closes over, and fresh names. */
class Code {
  readonly #lines: string[] = [];
  readonly #constants: unknown[] = [];
  #names = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  name(): string {
    this.#names += 1;
    return `v${this.#names}`;
  }

  /** The name under which the function sees `value`. */
  constant(value: unknown): string {
    this.#constants.push(value);
    return `c${this.#constants.length - 1}`;
  }

  compile(parameters: readonly string[]): unknown {
    const names = this.#constants.map((_, index) => `c${index}`);
    const body = `'use strict'; return (${parameters.join(', ')}) => {\n${this.#lines.join('\n')}\n};`;
    const make = new Function(...names, body) as (...constants: unknown[]) => unknown;
    return make(...this.#constants);
  }
}

function writeFields(code: Code, owner: string, fields: Fields, path: string): void {
  for (const [name, kind] of Object.entries(fields)) {
    const value = code.name();
    code.line(`const ${value} = ${owner}.${name};`);
    writeKind(code, value, kind, `${path}.${name}`);
  }
}

function writeKind(code: Code, value: string, kind: Kind, path: string): void {
  const field = literal(path);
  switch (kind.kind) {
    case 'text':
      code.line(`sink.text(${value}, ${kind.maxLength}, ${field});`);
      break;
    case 'int':
    case 'units':
    case 'flag':
      code.line(`sink.${kind.kind}(${value}, ${field});`);
      break;
    case 'choice':
      code.line(`sink.byte(${choiceIndex(code, value, kind.names, field)});`);
      break;
    case 'nullable':
      code.line(`if (${value} === null) sink.byte(0); else { sink.byte(1);`);
      writeKind(code, value, kind.of, path);
      code.line('}');
      break;
    case 'list': {
      const index = code.name();
      const item = code.name();
      code.line(
        `for (let ${index} = 0, count = sink.count(${value}, ${kind.maxItems}, ${field}); ${index} < count; ${index} += 1) {`,
      );
      code.line(`const ${item} = ${value}[${index}];`);
      writeKind(code, item, kind.of, `${path}[]`);
      code.line('}');
      break;
    }
    case 'shape':
      code.line(`${code.constant(checkObject)}(${value}, ${field});`);
      writeFields(code, value, kind.fields, path);
      break;
  }
}

/** Few names are compared in turn, many are looked up. */
function choiceIndex(code: Code, value: string, names: readonly string[], field: string): string {
  checkChoice(names, field);
  const otherwise = `${code.constant(unknownChoice)}(${value}, ${field})`;
  if (names.length <= 8) {
    return `${names.map((name, index) => `${value} === ${literal(name)} ? ${index} : `).join('')}${otherwise}`;
  }
  const indices = code.constant(new Map(names.map((name, index) => [name, index])));
  return `${indices}.get(${value}) ?? ${otherwise}`;
}

/** Emits the reading of every field, in order, and returns the members of the object literal. */
function readFields(code: Code, fields: Fields, path: string): string {
  return Object.entries(fields)
    .map(([name, kind]) => `${name}: ${readKind(code, kind, `${path}.${name}`)}`)
    .join(', ');
}

/** Emits the reading of one value and returns the name that holds it. */
function readKind(code: Code, kind: Kind, path: string): string {
  const field = literal(path);
  const result = code.name();
  switch (kind.kind) {
    case 'text':
      code.line(`const ${result} = source.text(${kind.maxLength}, ${field});`);
      return result;
    case 'int':
    case 'units':
    case 'flag':
      code.line(`const ${result} = source.${kind.kind}(${field});`);
      return result;
    case 'choice':
      checkChoice(kind.names, path);
      code.line(`const ${result} = source.choice(${code.constant(kind.names)}, ${field});`);
      return result;
    case 'nullable': {
      code.line(`let ${result} = null; if (source.flag(${field})) {`);
      code.line(`${result} = ${readKind(code, kind.of, path)}; }`);
      return result;
    }
    case 'list': {
      const index = code.name();
      code.line(`const ${result} = [];`);
      code.line(`for (let ${index} = source.count(${kind.maxItems}, ${field}); ${index} > 0; ${index} -= 1) {`);
      code.line(`${result}.push(${readKind(code, kind.of, `${path}[]`)}); }`);
      return result;
    }
    case 'shape':
      checkFields(kind.fields, path);
      code.line(`const ${result} = { ${readFields(code, kind.fields, path)} };`);
      return result;
  }
}

function checkName(name: string, fields: Fields): void {
  assert(fieldName.test(name), `type name ${name}: letters and digits only`);
  assert(!('type' in fields), `${name}: the field "type" is the type's own name`);
  checkFields(fields, name);
}

function checkFields(fields: Fields, path: string): void {
  for (const name of Object.keys(fields))
    assert(fieldName.test(name), `${path}: field name ${name}: letters and digits only`);
}

function checkChoice(names: readonly string[], path: string): void {
  assert(names.length >= 1 && names.length <= choicesMax, `${path}: ${names.length} names, 1 to ${choicesMax}`);
  assert(new Set(names).size === names.length, `${path}: a name twice`);
}

function checkObject(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null)
    throw new InvariantError(`${field}: ${String(value)} is not an object`);
}

function unknownChoice(value: unknown, field: string): never {
  throw new InvariantError(`${field}: ${String(value)} is not one of its names`);
}

const literal = (value: string): string => JSON.stringify(value);
