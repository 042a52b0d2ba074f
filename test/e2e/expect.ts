// The types of the browser that the stories use, and an assertion that says what was expected.
export type { BrowserContext, Page } from 'playwright-core';

export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`expected: ${what}`);
}
