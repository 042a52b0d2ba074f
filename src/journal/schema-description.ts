// The schema as text, its fingerprint, and the one rule of growth: new types and new choices go to the end, bounds may widen, and
// everything else needs a type of a new name. Decides only whether old records still mean the same here; translates nothing.
import { createHash } from 'node:crypto';
import { assert } from '#domain/assert.ts';
import type { Fields, Kind } from '#domain/schema.ts';
import type { JournalSchema, StoredSchema } from '#ports/journal.ts';

interface Shapes {
  readonly inputs: { readonly [name: string]: Fields };
  readonly events: { readonly [name: string]: Fields };
  readonly version: number;
}

/** Describes shapes for a segment header and judges those of another. Pure. */
export function journalSchema(shapes: Shapes): JournalSchema {
  assert(
    Number.isSafeInteger(shapes.version) && shapes.version > 0,
    `schema version ${shapes.version}: a whole number from 1`,
  );
  const own: Description = { inputs: describeMembers(shapes.inputs), events: describeMembers(shapes.events) };
  const description = JSON.stringify(own);
  const fingerprint = fingerprintOf(description);
  const refuses = (stored: StoredSchema): string | null => {
    if (stored.fingerprint === fingerprint && stored.description === description) return null;
    const reason = whyUnreadable(stored, shapes.version, own);
    const found = `schema version ${stored.version} (${stored.fingerprint})`;
    return reason === null
      ? null
      : `written with ${found}, this program reads version ${shapes.version} (${fingerprint}): ${reason}`;
  };
  return { version: shapes.version, fingerprint, description, refuses };
}

/** 16 hexadecimal digits. */
export function fingerprintOf(description: string): string {
  return createHash('sha256').update(description).digest('hex').slice(0, 16);
}

type Described = readonly [kind: string, detail: Detail];
type Detail =
  | number
  | readonly string[]
  | Described
  | readonly [itemsMax: number, of: Described]
  | DescribedFields
  | null;
type DescribedFields = readonly (readonly [name: string, kind: Described])[];
type DescribedMembers = readonly (readonly [name: string, fields: DescribedFields])[];
interface Description {
  readonly inputs: DescribedMembers;
  readonly events: DescribedMembers;
}

function describeMembers(members: Shapes['inputs']): DescribedMembers {
  return Object.entries(members).map(([name, fields]) => [name, describeFields(fields)]);
}

function describeFields(fields: Fields): DescribedFields {
  return Object.entries(fields).map(([name, kind]) => [name, describeKind(kind)]);
}

function describeKind(kind: Kind): Described {
  switch (kind.kind) {
    case 'text':
      return ['text', kind.maxLength];
    case 'int':
    case 'units':
    case 'flag':
      return [kind.kind, null];
    case 'choice':
      return ['choice', kind.names];
    case 'nullable':
      return ['nullable', describeKind(kind.of)];
    case 'list':
      return ['list', [kind.maxItems, describeKind(kind.of)]];
    case 'shape':
      return ['shape', describeFields(kind.fields)];
  }
}

function whyUnreadable(stored: StoredSchema, version: number, own: Description): string | null {
  if (stored.version > version) return 'a newer program wrote it';
  if (fingerprintOf(stored.description) !== stored.fingerprint) return 'its description does not match its fingerprint';
  const old = JSON.parse(stored.description) as Description;
  return whyNotPrefix('input', old.inputs, own.inputs) ?? whyNotPrefix('event', old.events, own.events);
}

function whyNotPrefix(what: string, old: DescribedMembers, own: DescribedMembers): string | null {
  for (const [index, [name, fields]] of old.entries()) {
    const now = own[index];
    if (now === undefined) return `unknown ${what} type ${name}`;
    if (now[0] !== name) return `${what} type ${index} was ${name}, is ${now[0]}`;
    const reason = whyFieldsDiffer(name, fields, now[1]);
    if (reason !== null) return reason;
  }
  return null;
}

function whyFieldsDiffer(path: string, old: DescribedFields, own: DescribedFields): string | null {
  const names = (fields: DescribedFields): string => fields.map(([name]) => name).join(', ');
  if (names(old) !== names(own)) return `${path} had the fields ${names(old)}, has ${names(own)}`;
  for (const [index, [name, kind]] of old.entries()) {
    const reason = whyKindsDiffer(`${path}.${name}`, kind, (own[index] as DescribedFields[number])[1]);
    if (reason !== null) return reason;
  }
  return null;
}

function whyKindsDiffer(path: string, [oldKind, old]: Described, [ownKind, own]: Described): string | null {
  if (oldKind !== ownKind) return `${path} was ${oldKind}, is ${ownKind}`;
  switch (oldKind) {
    case 'text':
      return (old as number) <= (own as number) ? null : `${path} was up to ${old} characters, is up to ${own}`;
    case 'choice': {
      const lost = (old as readonly string[]).find((name, index) => (own as readonly string[])[index] !== name);
      return lost === undefined ? null : `${path} has no choice ${lost} at its old place`;
    }
    case 'nullable':
      return whyKindsDiffer(path, old as Described, own as Described);
    case 'list': {
      const [oldMax, oldOf] = old as readonly [number, Described];
      const [ownMax, ownOf] = own as readonly [number, Described];
      if (oldMax > ownMax) return `${path} was up to ${oldMax} items, is up to ${ownMax}`;
      return whyKindsDiffer(`${path}[]`, oldOf, ownOf);
    }
    case 'shape':
      return whyFieldsDiffer(path, old as DescribedFields, own as DescribedFields);
    default:
      return null;
  }
}
