// What documents show: rows of their tables, command lines in them.

/** The rows of every Markdown table with so many columns, but for headings; a cell's `\|` is a bar. */
export function tableRows(markdown: string, columns: number): string[][] {
  return markdown
    .split('\n')
    .filter((line, i, lines) => line.startsWith('| ') && !/^\|[-|]+\|$/.test(lines[i + 1] ?? ''))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
    .filter(({ length }) => length === columns);
}

/** All that stands in backticks. */
export function inBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
}

/** A line of a shell as words; quotes are taken off. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));
}
