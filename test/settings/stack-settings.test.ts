import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../../src/problem.ts';
import { SETTING_KEYS, type ParsedSettings } from '../../src/settings/parse-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';
import { PIPELINE } from './some-settings.ts';

const PROJECT = readFileSync('Pulumi.yaml', 'utf8');

const OWN = 'kubernetes-ci-images';

const STACK = `config:
  gcp:project: some-project
  gcp:region: europe-west4
  ${OWN}:repositoryId: images
`;

function parseBoth(stack: string, project = PROJECT): ParsedSettings {
  return parseStackSettings(
    { file: 'Pulumi.yaml', text: project },
    { file: 'Pulumi.test.yaml', text: stack },
  );
}

function parse(stack: string): Settings {
  const parsed = parseBoth(stack);
  if ('settings' in parsed) return parsed.settings;
  throw new Error(parsed.problems.map(({ code }) => code).join());
}

function problemsOf(stack: string, project?: string): readonly Problem[] {
  const parsed = parseBoth(stack, project);
  return 'problems' in parsed ? parsed.problems : [];
}

test("the stack's values go before the project's defaults", () => {
  expect(parse(STACK).catalogFile).toBe('config/images.yml');
  expect(parse(`${STACK}  ${OWN}:catalog: other.yml\n`).catalogFile).toBe('other.yml');
  expect(parse(`${STACK}  ${OWN}:enableApis: false\n`).enableApis).toBe(false);
});

test("plug-ins' other settings are not ours to judge", () => {
  const others = '  gcp:zone: 7\n  docker:host: unix:///somewhere\nencryptionsalt: v1:abc\n';
  expect(problemsOf(STACK + others)).toEqual([]);
});

test('a value that only the engine can read is refused where no secret belongs', () => {
  const secret = `  ${OWN}:source:\n    secure: v1:abc\n`;
  expect(problemsOf(STACK + secret)).toMatchObject([
    { code: 'INVALID_SETTING', path: 'source', problem: 'is encrypted but no secret', line: 5 },
  ]);
});

test('a token that is encrypted is read as one, one that is not is refused, and a missing one is missed where the pipeline is set', () => {
  const pipeline = `  ${OWN}:refreshPipeline: ${PIPELINE}\n`;
  const token = (value: string) => `${STACK}${pipeline}  ${OWN}:refreshPipelineToken: ${value}\n`;
  expect(parse(token('{ secure: v1:abc }')).refresh?.start.kind).toBe('gitlab-pipeline');
  const problems = problemsOf(token('glptt-1'));
  expect(problems).toMatchObject([
    { code: 'INVALID_SETTING', path: 'refreshPipelineToken', problem: 'is in plain text', line: 6 },
  ]);
  expect(JSON.stringify(problems)).not.toContain('glptt-1');
  expect(problemsOf(STACK + pipeline)).toMatchObject([
    { code: 'MISSING_SETTING', path: 'refreshPipelineToken', file: 'Pulumi.test.yaml', line: 5 },
  ]);
});

test('a problem is placed where its key is written', () => {
  const project = PROJECT.replace('default: config/images.yml', 'default: ../images.yml');
  const stack = `${STACK}  ${OWN}:sourc: x\n  ${OWN}:readers: [allUsers, nobody]\n`;
  const places = problemsOf(stack, project).map(({ file, line, column, path }) => {
    return `${file}:${String(line)}:${String(column)} ${path}`;
  });
  const catalog = project.split('\n').indexOf('  catalog:') + 1;
  expect(places.toSorted()).toEqual([
    'Pulumi.test.yaml:5:3 sourc',
    'Pulumi.test.yaml:6:3 readers[1]',
    `Pulumi.yaml:${catalog}:3 catalog`,
  ]);
});

test('what is missing is missing in the file of the stack', () => {
  expect(problemsOf('config: {}')).toMatchObject([
    { code: 'MISSING_SETTING', path: 'gcp:project', file: 'Pulumi.test.yaml' },
    { code: 'MISSING_SETTING', path: 'gcp:region', file: 'Pulumi.test.yaml' },
    { code: 'MISSING_SETTING', path: 'repositoryId', file: 'Pulumi.test.yaml' },
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

test('Pulumi.yaml describes each setting of the project, and no other', () => {
  const { config } = z
    .object({
      config: z.record(z.string(), z.object({ type: z.string(), description: z.string() })),
    })
    .parse(parseYaml(PROJECT));
  expect(Object.keys(config)).toEqual(SETTING_KEYS.filter((key) => !key.includes(':')));
});

test('the production stack as committed publishes to a repository that others own', () => {
  const place = {
    project: 'k8s-staging-images',
    location: 'us-central1',
    registry: 'us-central1-docker.pkg.dev',
    repositoryPrefix: 'k8s-staging-images/kubespray',
  };
  expect(parse(readFileSync('Pulumi.prod.yaml', 'utf8'))).toMatchObject({
    ...place,
    destination: { kind: 'borrowed' },
    ...{ readers: [], writers: [], identity: undefined, refresh: undefined },
    catalogFile: 'config/images.yml',
  });
});
