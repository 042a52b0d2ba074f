// Promise: docs/gate.md says what the gate does: both tables are the ones that the gate's own rules and codes give, and every rule's
// codes have an example. Method: the tables made again and compared; marks taken away.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RefusalCode, refusalKinds } from '#domain/refusals.ts';
import { gateRules, knownRules, openingRules } from '#domain/risk/gate-rules.ts';
import { gateTables, refusalExamples, withTables } from '../../.ci/gate-tables.ts';

const text = readFileSync('docs/gate.md', 'utf8');

describe('docs/gate.md', () => {
  test('holds the tables as they are now', () => {
    expect(withTables(text)).toBe(text);
    expect(withTables(text.replace('`journal`', '`diary`'))).toBe(text);
  });

  test('needs its marks', () => {
    expect(() => withTables(text.replace('<!-- /codes -->', ''))).toThrow('no marks of the table codes');
    expect(() => withTables('')).toThrow('no marks of the table rules');
  });

  test('has an example of every code that a rule of the gate refuses with', () => {
    const ids = new Set<string>([...openingRules, ...knownRules, ...gateRules].map(({ id }) => id));
    const codes = (Object.keys(refusalKinds) as RefusalCode[]).filter((code) => ids.has(refusalKinds[code].rule));
    expect(codes.length).toBeGreaterThan(35);
    for (const code of codes) expect(refusalExamples[code], code).toBeDefined();
    for (const code of Object.keys(refusalExamples)) expect(gateTables().codes).toContain(`\`${code}\``);
  });
});
