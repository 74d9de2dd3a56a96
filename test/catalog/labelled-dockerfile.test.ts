import { expect, test } from 'vitest';
import { labelledDockerfile } from '../../src/catalog/labelled-dockerfile.ts';

test.each([
  ['at its end', 'FROM a\nRUN b\n', undefined, 'FROM a\nRUN b\nLABEL x.y="z"\n'],
  ['without a last newline', 'FROM a\nRUN b', undefined, 'FROM a\nRUN b\nLABEL x.y="z"\n'],
  [
    'at the end of the last stage',
    'FROM a AS b\nFROM b\nRUN c\n',
    undefined,
    'FROM a AS b\nFROM b\nRUN c\nLABEL x.y="z"\n',
  ],
  [
    'at the end of the stage that is built',
    'FROM a AS B\nRUN <<FROM\nc\nFROM\nFROM d\n',
    'b',
    'FROM a AS B\nRUN <<FROM\nc\nFROM\nLABEL x.y="z"\nFROM d\n',
  ],
])('a Dockerfile is labelled %s', (_, text, target, labelled) => {
  expect(labelledDockerfile(text, target, ['x.y', 'z'])).toBe(labelled);
});

// All but the last two end in a line that would continue into the label. BuildKit reads them so, too: see
// test/engine/labelled-dockerfile.test.ts.
test.each([
  ['FROM a\nRUN b \\\n', 'FROM a\nRUN b \nLABEL x.y="z"\n'],
  ['FROM a\nRUN b \\  \r\n', 'FROM a\nRUN b \nLABEL x.y="z"\n'],
  ['FROM a\nRUN b \\\r\r\n', 'FROM a\nRUN b \nLABEL x.y="z"\n'],
  ['FROM a\nRUN b \\\n# c\n\n', 'FROM a\nRUN b \n# c\n\nLABEL x.y="z"\n'],
  ['FROM a\nRUN b \\\n\\\n', 'FROM a\nRUN b \n\nLABEL x.y="z"\n'],
  ['FROM a \\', 'FROM a \nLABEL x.y="z"\n'],
  ['# escape=`\nFROM a\nRUN b `\n', '# escape=`\nFROM a\nRUN b \nLABEL x.y="z"\n'],
  ['FROM a\nRUN b \\\\\n', 'FROM a\nRUN b \\\\\nLABEL x.y="z"\n'],
  ['FROM a\nRUN b\n# c \\\n', 'FROM a\nRUN b\n# c \\\nLABEL x.y="z"\n'],
])('the label stays an instruction of its own behind %j', (text, labelled) => {
  expect(labelledDockerfile(text, undefined, ['x.y', 'z'])).toBe(labelled);
});
