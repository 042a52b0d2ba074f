// The catalog lists each machine once under its own id, with what a reader needs, and hot machines keep to what a table can hold.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { catalog } from '#machines/catalog.ts';

test('ids are the machines’ own and unique', () => {
  expect(catalog.map((entry) => entry.machine.id)).toEqual(catalog.map((entry) => entry.id));
  expect(new Set(catalog.map((entry) => entry.id)).size).toBe(catalog.length);
});

test('every machine file of the folder is listed', () => {
  const folder = new URL('../../machines/', import.meta.url);
  const files = readdirSync(folder).filter((file) =>
    /= createMachine\(/.test(readFileSync(new URL(file, folder), 'utf8')),
  );
  expect(files.map((file) => file.replace('.ts', '')).sort()).toEqual(catalog.map((entry) => entry.id).sort());
});

test.each(catalog)('$id says what it is and what it is for', ({ title, purpose }) => {
  expect(title.length).toBeGreaterThan(3);
  expect(purpose).toMatch(/^[A-Z].{30,}\.$/);
});

test.each(catalog)('what $id says of its states are sentences', ({ machine }) => {
  for (const { id, config } of nodesOf(machine.root)) {
    if (config.description !== undefined)
      expect([id, config.description]).toEqual([id, expect.stringMatching(/^[A-Z].{7,}\.$/)]);
  }
});

test('the order, the group and the breaker are hot, the trading state warm, the connection cold', () => {
  expect(catalog.map(({ id, temperature }) => `${id}: ${temperature}`)).toEqual([
    'order: hot',
    'contingent: hot',
    'circuit-breaker: hot',
    'connection: cold',
    'trading-state: warm',
  ]);
});

test.each(catalog)('$id has no context, no timer, no actor of its own', ({ machine }) => {
  expect(machine.config.context).toBeUndefined();
  for (const node of nodesOf(machine.root)) {
    expect(node.config.after, node.id).toBeUndefined();
    expect(node.config.invoke, node.id).toBeUndefined();
    expect(node.config.always, node.id).toBeUndefined();
  }
});

function nodesOf(node: AnyStateMachine['root']): AnyStateMachine['root'][] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}
