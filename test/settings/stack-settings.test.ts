import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import type { ParsedSettings, Settings } from '../../src/settings/settings.ts';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';

const PROJECT = `name: ci
config:
  registry:
    type: string
  catalog:
    type: string
    default: images.yml
  source:
    type: string
    default: ''
  docker:host: unix:///somewhere
`;

const STACK = `config:
  ci:registry: registry.test
  ci:repositoryPrefix: images
`;

function parse(stack: string, project = PROJECT): Settings {
  const parsed = parseBoth(stack, project);
  if ('settings' in parsed) return parsed.settings;
  throw new Error(parsed.problems.map(({ code }) => code).join());
}

function parseBoth(stack: string, project: string): ParsedSettings {
  return parseStackSettings(
    { file: 'Pulumi.yaml', text: project },
    { file: 'Pulumi.test.yaml', text: stack },
  );
}

function problemsOf(stack: string, project = PROJECT): readonly Problem[] {
  const parsed = parseBoth(stack, project);
  return 'problems' in parsed ? parsed.problems : [];
}

test("the stack's values go before the project's defaults", () => {
  expect(parse(STACK).catalog).toBe('images.yml');
  expect(parse(`${STACK}  ci:catalog: other.yml\n`).catalog).toBe('other.yml');
});

test("plug-ins' settings are not ours to judge", () => {
  expect(problemsOf(`${STACK}  gcp:project: x\nencryptionsalt: v1:abc\n`)).toEqual([]);
});

test('encrypted credentials need no passphrase', () => {
  const secret = '  ci:registryUsername: robot\n  ci:registryPassword:\n    secure: v1:abc\n';
  expect(parse(STACK + secret).registryUsername).toBe('robot');
});

test('a password in plain text is refused and not repeated', () => {
  const plain = '  ci:registryUsername: robot\n  ci:registryPassword: hunter2\n';
  const problems = problemsOf(STACK + plain);
  expect(problems).toMatchObject([
    { code: 'INVALID_SETTING', path: 'registryPassword', file: 'Pulumi.test.yaml', line: 5 },
  ]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('a problem is placed where its key is written', () => {
  const project = PROJECT.replace('images.yml', '../images.yml');
  const stack = `${STACK}  ci:sourc: x\n`;
  const places = problemsOf(stack, project).map(({ file, line, column, path }) => {
    return `${file}:${String(line)}:${String(column)} ${path}`;
  });
  expect(places.toSorted()).toEqual(['Pulumi.test.yaml:4:3 sourc', 'Pulumi.yaml:5:3 catalog']);
});

test('what is missing is missing in the file of the stack', () => {
  expect(problemsOf('config: {}')).toMatchObject([
    { code: 'MISSING_SETTING', path: 'registry', file: 'Pulumi.test.yaml' },
    { code: 'MISSING_SETTING', path: 'repositoryPrefix', file: 'Pulumi.test.yaml' },
  ]);
});

test.each([
  ['not a map', 'config: []'],
  ['empty', ''],
  ['a number', '7'],
])('settings that are %s are settings without values', (_, stack) => {
  expect(problemsOf(stack).map(({ code }) => code)).toContain('MISSING_SETTING');
});

test('wrong YAML is reported for both files', () => {
  const files = problemsOf('a: [', 'b: ]').map(({ code, file }) => `${file} ${code}`);
  expect(new Set(files)).toEqual(
    new Set(['Pulumi.yaml YAML_SYNTAX', 'Pulumi.test.yaml YAML_SYNTAX']),
  );
});

test('the production stack as committed has all it needs', () => {
  const [project, stack] = ['Pulumi.yaml', 'Pulumi.prod.yaml'].map((file) => ({
    file,
    text: readFileSync(file, 'utf8'),
  }));
  expect(project && stack && parseStackSettings(project, stack)).toMatchObject({
    settings: {
      registry: 'us-central1-docker.pkg.dev',
      repositoryPrefix: 'k8s-staging-images/kubespray',
      catalog: 'config/images.yml',
    },
  });
});
