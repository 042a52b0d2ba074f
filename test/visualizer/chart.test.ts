// Promise: every state, edge and region of every statechart is in its picture exactly once, and everything lies within its frame.
// Method: the whole catalog, held against XState's own definition; layouts are real ones.
import { describe, expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { catalog } from '#machines/catalog.ts';
import { chartOf } from '#visualizer/chart.ts';
import { Layouts, LayoutTimeout, labelLines } from '#visualizer/layout.ts';
import { createMachines } from '#visualizer/machines.ts';

const layouts = new Layouts();

/** Pairs of states that some event leads from and to, as XState defines them. */
function pairsOf(node: AnyStateNode): string[] {
  const own = Object.values(node.on).flatMap((transitions) =>
    transitions.flatMap(({ target }) => {
      const to = target?.[0];
      return to === undefined || to === node ? [] : [`${node.path.join('.') || 'state'}>${to.path.join('.')}`];
    }),
  );
  return [...own, ...Object.values(node.states).flatMap(pairsOf)];
}

const leavesOf = (node: AnyStateNode): string[] =>
  Object.values(node.states).flatMap((child) => [child.path.join('.'), ...leavesOf(child)]);

describe.each(catalog.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
  const chart = chartOf(entry);
  const root = entry.machine.root;

  test('has every state and every edge once', () => {
    const regions = root.type === 'parallel' ? Object.keys(root.states) : ['state'];
    expect(chart.regions.map(({ id }) => id)).toEqual(regions);
    const states = chart.regions.flatMap((region) => region.states.map(({ id }) => id));
    expect(states.sort()).toEqual(
      leavesOf(root)
        .filter((id) => root.type !== 'parallel' || id.includes('.'))
        .sort(),
    );
    const edges = chart.regions.flatMap((region) => region.edges.map(({ id }) => id));
    expect(edges.sort()).toEqual([...new Set(pairsOf(root))].sort());
    expect(new Set(edges).size).toBe(edges.length);
  });

  test('is laid out within its frames, each edge with a path and a label', async () => {
    const placed = await layouts.of(chart);
    for (const region of placed.regions) {
      for (const { x, y, width, height } of region.states) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(region.width);
        expect(y + height).toBeLessThanOrEqual(region.height);
      }
      for (const { points, label } of region.edges) {
        expect(points.length).toBeGreaterThan(1);
        expect(label.lines.length).toBeGreaterThan(0);
      }
    }
    expect(await layouts.of(chartOf(entry))).toBe(placed);
  });
});

test('guards are told, and long labels cut', () => {
  const order = chartOf(catalog[0] as (typeof catalog)[number]);
  const edges = order.regions.flatMap((region) => region.edges);
  const guarded = edges.flatMap(({ events }) => events).find(({ guard }) => guard !== null);
  expect(guarded?.guard).toMatch(/^in \w+\.\w+/);
  const events = ['A', 'B', 'C', 'D', 'D'].map((name) => ({ name, guard: null }));
  expect(labelLines({ id: '', from: '', to: '', events })).toEqual(['A', 'B', '+2 more']);
});

test('a layout that does not come in time is given up, and tried again when asked again', async () => {
  const hasty = new Layouts(1);
  const chart = chartOf(catalog[0] as (typeof catalog)[number]);
  await expect(hasty.of(chart)).rejects.toThrow(LayoutTimeout);
  await expect(hasty.of(chart)).rejects.toThrow('1 ms');
});

test('the list has every machine, and only those have a picture', async () => {
  const machines = createMachines();
  expect(machines.list().map(({ id }) => id)).toEqual(catalog.map(({ id }) => id));
  expect(machines.list()[0]).toMatchObject({ id: 'order', temperature: 'hot', states: 21 });
  expect(await machines.graph('nothing')).toBeNull();
});
