// From what a file says to a configuration: every section against its schema, the house rules, what sections ask of each other. Reports
// everything that it finds, not only the first; knows keys, not lines.
import type { z } from 'zod';
import type { InstrumentDefinition } from '#domain/instrument.ts';
import { consistencyIssues, type ValidSections } from './consistency.ts';
import { overrideIssues } from './house-rules.ts';
import { defineInstrument } from './instruments.ts';
import type { Issue, IssuePath } from './issue.ts';
import { nearest } from './nearest.ts';
import { type Config, type SectionName, type Sections, sectionNames, sections } from './schema.ts';

/** Shape: `raw` is any plain value, as YAML or JSON gave it; nothing at all is the default configuration. */
export function checkConfig(raw: unknown): { readonly config: Config } | { readonly issues: readonly Issue[] } {
  const file = raw ?? {};
  if (!isObject(file)) return { issues: [{ path: [], expected: `sections such as ${sectionNames.join(', ')}` }] };
  const issues: Issue[] = Object.keys(file).flatMap((key) =>
    isSectionName(key) ? [] : [unknownKey([key], sectionNames)],
  );
  const valid = checkSections(file, issues);
  issues.push(...consistencyIssues(valid));
  // A section that is missing here has left an issue, so that without issues all are there.
  return issues.length === 0 ? { config: valid as Config } : { issues: distinct(issues) };
}

function checkSections(file: Readonly<Record<string, unknown>>, issues: Issue[]): ValidSections {
  const valid: Record<string, unknown> = {};
  for (const name of sectionNames) {
    // A section whose keys are all commented out is there, but empty.
    const given = file[name] ?? undefined;
    const parsed = sections[name].safeParse(given);
    if (!parsed.success) issues.push(...parsed.error.issues.flatMap((issue) => fromZod(name, issue, given)));
    else if (name !== 'instruments') valid[name] = parsed.data;
    else addInstruments(parsed.data as Sections['instruments'], valid, issues);
  }
  const risk = file['risk'];
  if (isObject(risk)) {
    issues.push(...overrideIssues(risk).map(({ key, expected }) => ({ path: ['risk', key], expected })));
  }
  return valid;
}

function addInstruments(entries: Sections['instruments'], valid: Record<string, unknown>, issues: Issue[]): void {
  const definitions: InstrumentDefinition[] = [];
  for (const [index, entry] of entries.entries()) {
    const defined = defineInstrument(entry);
    if (!Array.isArray(defined)) definitions.push(defined as InstrumentDefinition);
    else issues.push(...defined.map(({ key, expected }) => ({ path: ['instruments', index, key], expected })));
  }
  if (definitions.length === entries.length) valid['instruments'] = definitions;
}

function fromZod(section: SectionName, issue: z.core.$ZodIssue, given: unknown): Issue[] {
  const path = [section, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(section, path.slice(1), given);
    return issue.keys.map((key) => unknownKey([...path, key], known));
  }
  return [{ path, expected: issue.message }];
}

/** The keys that the section at the path may have; of a union, those of the member that was meant. */
function knownKeys(section: SectionName, path: IssuePath, given: unknown): readonly string[] {
  let schema: unknown = sections[section];
  let value = given;
  for (const key of [...path, null]) {
    schema = unwrapped(schema, value);
    if (key === null) break;
    const definition = definitionOf(schema);
    schema = definition.shape?.[key] ?? definition.element;
    value = isObject(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  return Object.keys(definitionOf(schema).shape ?? {});
}

interface Definition {
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
  readonly shape?: Readonly<Record<string | number, unknown>>;
  readonly element?: unknown;
}
const definitionOf = (schema: unknown): Definition => (schema as { readonly def?: Definition } | undefined)?.def ?? {};

function unwrapped(schema: unknown, value: unknown): unknown {
  const { innerType, options } = definitionOf(schema);
  if (innerType !== undefined) return unwrapped(innerType, value);
  if (options === undefined || !isObject(value)) return schema;
  return options.find((option) => {
    const kind = definitionOf(option).shape?.['kind'] as z.ZodType | undefined;
    return kind?.safeParse(value['kind']).success === true;
  });
}

function unknownKey(path: IssuePath, known: readonly string[]): Issue {
  const meant = nearest(String(path.at(-1)), known);
  const help = meant === null ? `the keys here are ${known.join(', ')}` : `did you mean ${meant}?`;
  return { path, expected: `unknown key; ${help}`, atKey: true };
}

function distinct(issues: readonly Issue[]): Issue[] {
  const seen = new Map(issues.map((issue) => [JSON.stringify([issue.path, issue.expected]), issue]));
  return [...seen.values()];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSectionName = (key: string): key is SectionName => (sectionNames as readonly string[]).includes(key);
