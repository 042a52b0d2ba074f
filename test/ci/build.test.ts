// Goal: what the build writes resolves without the source tree. Method: texts before and after, by table.
import { describe, expect, test } from 'vitest';
import { withJsEndings, withRelativeSpecifiers } from '../../.ci/build.ts';

const aliases = { '#domain/*.ts': './src/domain/*.ts', '#machines/*.ts': './machines/*.ts' };

describe('specifiers', () => {
  test.each([
    ['src/journal/a.js', `from '#domain/ids.ts'`, `from '../domain/ids.js'`],
    ['src/domain/a.js', `import "#domain/book/x-y.ts"`, `import "./book/x-y.js"`],
    ['actors/a.d.ts', `import('#domain/ids.ts').Id`, `import('../src/domain/ids.js').Id`],
    ['src/cli/a.js', `import.meta.resolve('#machines/t.ts')`, `import.meta.resolve('../../machines/t.js')`],
    ['src/cli/a.js', `from '#unknown/t.ts'`, `from '#unknown/t.ts'`],
    ['src/cli/a.js', `const colour = '#ffffff';`, `const colour = '#ffffff';`],
  ])('%s: %s', (path, before, after) => {
    expect(withRelativeSpecifiers(before, path, aliases)).toBe(after);
  });

  test.each([
    [`from './ids.ts'`, `from './ids.js'`],
    [`import("../a/b.ts").C`, `import("../a/b.js").C`],
    [`const path = './ids.ts'`, `const path = './ids.ts'`],
    [`from 'pkg/x.ts'`, `from 'pkg/x.ts'`],
  ])('declarations: %s', (before, after) => {
    expect(withJsEndings(before)).toBe(after);
  });
});
