import { expect, test } from 'vitest';
import { parseDockerfile } from '../../src/catalog/dockerfile.ts';

// The expected lines are those of BuildKit's own parser (v0.34.2).
test.each([
  ['a blank before the name', 'RUN cat << EOF > /x\nhello\nEOF\nUSER b', 'RUN@2 USER@5'],
  ['tabs before its end', 'RUN <<-E\nx\n\t\tE\nUSER b', 'RUN@2 USER@5'],
  ['a quoted name', "RUN cat << 'E O' > /x\nx\nE O\nUSER b", 'RUN@2 USER@5'],
  ['a quote within the name', 'RUN <<"A\\"B"\nx\nA"B\nUSER b', 'RUN@2 USER@5'],
  ['an escaped name', 'RUN <<\\E\nx\nE\nUSER b', 'RUN@2 USER@5'],
  ['two of them', 'RUN a << b << c\nq\nb\nq\nc\nUSER d', 'RUN@2 USER@7'],
  ['a file descriptor', 'RUN 3<<E\nx\nE\nUSER b', 'RUN@2 USER@5'],
  ['a variable', 'RUN a "${x:-${y}}" ${z%.*} $$ <<E\nq\nE\nUSER b', 'RUN@2 USER@5'],
  ['Windows line ends', 'RUN <<E\r\nx\r\nE\r\nUSER b\r\n', 'RUN@2 USER@5'],
  ['one in another instruction', 'ONBUILD COPY <<E /x\nq\nE\nUSER b', 'ONBUILD@2 USER@5'],
  ['one in a later line', 'RUN a \\\n # c \\\n\n  <<E\nx\nE\nUSER b', 'RUN@2 USER@8'],
])('a here-document: %s', (_, text, lines) => {
  expect(linesOf(text)).toBe(lines);
});

test.each([
  ['in an open quote', "RUN it's <<#\nCOPY a b\n#", 'RUN@2 COPY@3'],
  ['in a quote', 'RUN "<<#"\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['behind a variable that is none', 'RUN ${x^^} <<#\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['behind the length of a variable', 'RUN ${#x} <<#\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['in a list', 'RUN ["<<#"]\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['within a word', 'RUN cat<<#\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['a text in one line', 'RUN cat <<<#\nCOPY a b\n#', 'RUN@2 COPY@3'],
  ['in another instruction', 'LABEL a=<<#\nCOPY a b\n#', 'LABEL@2 COPY@3'],
])('no here-document: %s', (_, text, lines) => {
  expect(linesOf(text)).toBe(lines);
});

test.each([
  ['two backslashes apart', 'RUN ( \\ \\\n y; \\\n z )\nUSER b', 'RUN@2 USER@5'],
  ['two backslashes', 'RUN a \\\\\nUSER b', 'RUN@2 USER@3'],
  ['three backslashes', 'RUN a \\\\\\\nUSER b', 'RUN@2 USER@3'],
  ['two backslashes behind a word in two lines', 'RU\\\nN a \\\\\nUSER b', 'RUN@2 USER@4'],
  ['a backslash and blanks', 'RUN a \\\t \nUSER b\nUSER c', 'RUN@2 USER@4'],
  ['a backslash and another blank', 'RUN a \\\f\nUSER b', 'RUN@2 USER@3'],
  ['a backslash alone', 'RUN a\n\\\n\nUSER b', 'RUN@2 USER@5'],
  ['no comment, for the mark before it', 'RUN a \\\n\uFEFF# c\nUSER b', 'RUN@2 USER@4'],
  ['a comment behind another blank', 'RUN a \\\n\u0085# c\n b\nUSER c', 'RUN@2 USER@5'],
  ['nothing, behind an empty one with another blank', 'RUN a\n\u3000\nUSER b', 'RUN@2 USER@4'],
  ['a backslash and a carriage return in it', 'RUN a \\\r \nUSER b', 'RUN@2 USER@3'],
  ['a carriage return', 'RUN a\rUSER b\nUSER c', 'RUN@2 USER@3'],
])('a line that ends in %s', (_, text, lines) => {
  expect(linesOf(text)).toBe(lines);
});

test.each([
  ['behind the keyword', 'COPY \\\n \\ a b\nUSER c', 'COPY@2 USER@4'],
  ['behind an argument', 'COPY a \\\n\\ b\nUSER c', 'COPY@2 USER@4'],
  ['behind another one', 'COPY a \\\n \\\n \\ b\nUSER c', 'COPY@2 USER@5'],
  ['before a number sign', 'COPY a \\\n \\\\# b\nUSER c', 'COPY@2 USER@4'],
  ['behind a blank line', 'COPY a \\\n\f\n\u3000\n b\nUSER c', 'COPY@2 USER@6'],
  ['before two', 'COPY a \\\n \\ \\ b\nUSER c', 'COPY@2 USER@4'],
])('a line that begins with a backslash, %s', (_, text, lines) => {
  expect(linesOf(text)).toBe(lines);
});

test.each([
  ['first', '# escape=`\nFROM a\nRUN b ``\nRUN b `\nUSER c', 'RUN@3 RUN@4'],
  ['behind another one', '# check=skip=all\n# escape=`\nFROM a\nRUN b `\nUSER c', 'RUN@4'],
  ['behind an unknown one', '# x=y\n# escape=`\nFROM a\nRUN b `\nUSER c', 'RUN@4 USER@5'],
  ['behind a shebang', '#!/x y=z\n# escape=`\nFROM a\nRUN b `\nUSER c', 'RUN@4 USER@5'],
])('the letter that continues a line, declared %s', (_, text, lines) => {
  expect(linesOf(text, '')).toBe(lines);
});

test('a here-document without an end is a problem', () => {
  const { problems } = parseDockerfile('FROM a\nRUN b\nRUN cat << EOF\nhello\n');
  expect(problems).toMatchObject([
    { line: 3, column: 1, problem: 'the here-document "EOF" does not end' },
  ]);
});

/** `KEYWORD@line` of each instruction behind `FROM a`. */
function linesOf(text: string, from = 'FROM a\n'): string {
  const { problems, stages } = parseDockerfile(`${from}${text}`);
  expect(problems).toEqual([]);
  const instructions = stages.flatMap((stage) => stage.instructions);
  return instructions
    .map((each) => `${each.getKeyword()}@${each.getRange().start.line + 1}`)
    .join(' ');
}
