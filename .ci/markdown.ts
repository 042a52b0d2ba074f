// As much of Markdown as the documentation check needs: code spans and blocks, links, heading anchors. No rendering, no nesting.

/** A span, a shell block (`sh`, `bash`, `console`, or no language), or a block in another language. */
export interface Code {
  readonly kind: 'span' | 'shell' | 'other';
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const shellLanguages = new Set(['', 'sh', 'bash', 'shell', 'console']);

/** Every code block and, outside of them, every code span, in order. */
export function codeOf(markdown: string): Code[] {
  const found: Code[] = [];
  let block: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, text] of markdown.split('\n').entries()) {
    const fence = /^\s*(?:```|~~~)\s*([\w-]*)/.exec(text);
    if (fence !== null && block === null) block = { language: fence[1] ?? '', line: index + 2, lines: [] };
    else if (fence !== null && block !== null) {
      found.push({ kind: kindOf(block.language), text: block.lines.join('\n'), line: block.line });
      block = null;
    } else if (block !== null) block.lines.push(text);
    else
      for (const [, span = ''] of text.matchAll(/`([^`]+)`/g))
        found.push({ kind: 'span', text: span, line: index + 1 });
  }
  return found;
}

function kindOf(language: string): Code['kind'] {
  return shellLanguages.has(language) ? 'shell' : 'other';
}

/** The bodies of all blocks in `language`. */
export function blocksOf(markdown: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...markdown.matchAll(pattern)].map(([, body = '']) => body);
}

/** Targets of `[text](target)` and `![text](target)` outside code. */
export function linksOf(markdown: string): { readonly target: string; readonly line: number }[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => ({ target, line: index + 1 })),
    );
}

/** The anchors that GitHub makes of the headings; a repeated heading gets `-1`, `-2`. */
export function headingAnchors(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count += 1) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** Blanks code and keeps line numbers. */
function withoutCode(markdown: string): string {
  return withoutBlocks(markdown).replaceAll(/`[^`\n]+`/g, '');
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}
