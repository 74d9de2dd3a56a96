import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const { runtime } = parse(readFileSync('Pulumi.yaml', 'utf8')) as {
  runtime: { options: { nodeargs: string } };
};

const LISTING = `
  process.on('exit', () => console.log(Object.keys(require.cache).join('\\n')));
  require('@pulumi/pulumi');
  require('@pulumi/pulumi/cmd/run');
`;

test("Pulumi's runner and SDK are loaded without what serves functions and source maps", () => {
  const node = [...runtime.options.nodeargs.split(' '), '-e', LISTING];
  const runner = ['run', '--monitor=127.0.0.1:9', 'no-such-program.ts'];
  const { stdout } = spawnSync(process.execPath, [...node, ...runner], { encoding: 'utf8' });
  const files = stdout.split('\n').filter((line) => line.startsWith('/'));
  expect(files).toContainEqual(expect.stringMatching(/\/@pulumi\/pulumi\/cmd\/run\/run\.js$/));
  const unused = /\/node_modules\/(?:typescript|@npmcli|source-map-support)\/|\/v8Hooks\.js$/;
  expect(files.filter((file) => unused.test(file))).toEqual([]);
});
