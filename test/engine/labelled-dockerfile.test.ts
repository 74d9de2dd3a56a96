import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { labelledDockerfile } from '../../src/catalog/labelled-dockerfile.ts';
import { docker } from '../support/docker-cli.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const REFERENCE = 'labelled-dockerfile-test';

const context = sharedFolder();

afterAll(async () => {
  await docker('image', 'rm', REFERENCE);
});

it.each([
  ['', 'b'],
  [' \\\n', 'b'],
  [' \\  \r\n', 'b'],
  [' \\\n# c\n\n', 'b'],
  [' \\\n\\\n', 'b'],
  // An escaped letter, which continues nothing.
  ['\\\\\n', 'b\\'],
  ['\n# c \\\n', 'b'],
])(
  'BuildKit reads the label, and what stands before it, of a Dockerfile that ends in %j',
  async (end, own) => {
    const text = labelledDockerfile(`FROM scratch\nLABEL own=b${end}`, undefined, ['x.y', 'z']);
    writeFileSync(join(context, 'Dockerfile'), text);
    await docker('build', '--quiet', '--tag', REFERENCE, context);
    const labels = await docker('inspect', '--format', '{{json .Config.Labels}}', REFERENCE);
    expect(JSON.parse(labels)).toEqual({ own, 'x.y': 'z' });
  },
);
