import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { expectExplained } from './expect-explained.ts';
import { APT, CATALOG, catalogOf, CHECKOUT, DIGEST, problemsOf } from '../catalog/checkout.ts';
import { listText, sum } from '../refresh/lists/some-list.ts';
import { anyFile, serve } from '../refresh/publishers/some-site.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { checkDiskInfo } from '../../src/disk/check-disk.ts';
import { parseChecksum } from '../../src/catalog/image.ts';
import { parseImageReference } from '../../src/image-reference.ts';
import { parsePreview } from '../../src/review/preview.ts';
import { formatProblems } from '../../src/problem.ts';
import { importList } from '../../src/refresh/lists/import-list.ts';
import { parseKubesprayList } from '../../src/refresh/lists/kubespray-list.ts';
import { checksumOf, parseSums } from '../../src/refresh/publishers/sums.ts';
import { readList } from '../../src/refresh/publishers/lists.ts';
import { parseChallenges } from '../../src/registry/challenges.ts';
import { nextPage } from '../../src/registry/listing-requests.ts';
import { compileGlob } from '../../src/branches/pattern.ts';
import { scanYaml } from '../../src/branches/scan-yaml.ts';
import { parseRetention } from '../../src/retention/parse-retention.ts';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';
import { formatSummary } from '../../src/review/format-summary.ts';
import { parseForecast } from '../../src/review/parse-forecast.ts';
import { summarize } from '../../src/review/summarize.ts';
import { parseDockerignore } from '../../src/tag/dockerignore.ts';
import { judgeConsole } from '../../src/verify/machine.ts';
import { readPackages } from '../../src/verify/read-console.ts';
import { contentFor } from '../../src/verify/pull-disk.ts';

const RETENTION = readFileSync('config/retention.yml', 'utf8');
/** Without what is prose in it. */
const PULUMI = readFileSync('Pulumi.yaml', 'utf8').replace(/^ *description:.*\n/gm, '');
const PROD = readFileSync('Pulumi.prod.yaml', 'utf8');
/** What is not broken is short: it is parsed as often. */
const ONE_IMAGE = catalogOf(
  `defaults: { context: contexts/apt, snapshot: 2026-11-01 }
images: [{ distribution: debian, version: "12", base: "docker.io/library/debian:12-slim@${DIGEST}" }]`,
);
const ONE_DISK = `images:
  - { kind: vm-disk, distribution: debian, version: "12", url: "https://a.test/2/debian-12.qcow2", checksum: ${sum('b')} }
`;
const SHORT_PULUMI = 'name: kubernetes-ci-images\nconfig: { location: { default: europe } }\n';
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [{ digest: DIGEST, size: 1, platform: { os: 'linux', architecture: 'amd64' } }],
  layers: [{ digest: DIGEST, size: 1, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }],
});
const FORECAST = JSON.stringify({
  ...{ dryRun: true, warnings: ['w'], missing: [] },
  images: [
    { image: 'a', entries: [{ digest: DIGEST, tags: ['t'], verdict: 'keep', goesAt: null }] },
  ],
});
const SUMS = `# sums\n${'a'.repeat(64)}  disk.qcow2\nSHA256 (other.qcow2) = ${'b'.repeat(64)}\n`;
/** Of a system that has no package manager. */
const LISTING = `<<packages begin>>\n<<packages 0 Zm9ybWF0CW5vbmUKZW5kCTAK>>\n<<packages end 1 87088f8b1f78927cf6e83bd78db3fa4f59ea137edbf1ab71dc9fb4458ca9588b>>\n`;
const CONSOLE = 'SeaBIOS\n[    0.0] Linux version 6.1\n[  OK  ] Started ssh\nvm login: \n';
const URL_HERE = new URL('https://registry.test/v2/a/tags/list?n=2');

const BRANCH_READER = {
  files: [],
  key: 'cloud_image',
  image: 'vm-${image}',
  optional: false,
  ignore: [],
};

/** What is parsed, from what it is broken, and how. It may throw what people can read, and nothing else. */
const PARSERS: readonly [name: string, text: string, parse: (text: string) => unknown][] = [
  [
    'images.yml',
    CHECKOUT[CATALOG] ?? '',
    (text) => formatProblems(problemsOf({ ...CHECKOUT, [CATALOG]: text })),
  ],
  [
    'a Dockerfile',
    CHECKOUT[APT] ?? '',
    (text) => formatProblems(problemsOf({ ...ONE_IMAGE, [APT]: text })),
  ],
  ['retention.yml', RETENTION, (text) => parseRetention('config/retention.yml', text)],
  [
    'a file of a branch, as YAML',
    'a: &x {cloud_image: "debian-12:v1"}\nb: [*x, {cloud_image: >-\n  debian-13}]\n',
    (text) => scanYaml(text, BRANCH_READER),
  ],
  [
    'a stack file',
    PROD,
    (text) => parseStackSettings({ file: 'p', text: SHORT_PULUMI }, { file: 's', text }),
  ],
  [
    'Pulumi.yaml',
    PULUMI,
    (text) => parseStackSettings({ file: 'p', text }, { file: 's', text: PROD }),
  ],
  [
    '.dockerignore',
    '*.log\n**/tmp\n# c\n /a/b/ \n!c.log\n[a-z]?\n',
    (text) => parseDockerignore(text, 'i'),
  ],
  ['an image reference', `registry.test:5000/a/b-c:1.0@${DIGEST}`, parseImageReference],
  [
    'a glob',
    'roles/**/molecule/*/*.y?ml',
    (text) => compileGlob(text)?.('roles/a/molecule/b/c.yml'),
  ],
  ['a checksum', `sha512:${'a'.repeat(128)}`, parseChecksum],
  ['a manifest', MANIFEST, (text) => contentFor('linux/amd64', Buffer.from(text))],
  [
    'a challenge',
    'Bearer realm="https://a.test/t",service="s",scope="x:y:pull", Basic realm=z',
    parseChallenges,
  ],
  [
    'a next page',
    '<https://registry.test/v2/a/tags/list?n=2&last=b>; rel="next"',
    (text) => nextPage(text, URL_HERE),
  ],
  ['checksums', SUMS, (text) => checksumOf(parseSums(text, 'u'), '/disk.qcow2')],
  [
    'a list of files',
    `<a href="disk-1.qcow2">disk-1</a>\n<a href="x/">x/</a>\n`,
    (text) => readList(text, 'https://a.test/'),
  ],
  [
    "Kubespray's list",
    listText([{ key: 'debian-12', url: 'https://a.test/1/debian-12.qcow2', checksum: sum('a') }]),
    async (text) => {
      const catalog = { file: CATALOG, text: ONE_DISK, tree: memoryTree(CHECKOUT) };
      const options = { isChosen: () => true, keepNewer: false };
      const none = { fetchText: serve({}), isThere: anyFile };
      await importList(catalog, parseKubesprayList(text, 'l'), options, none);
    },
  ],
  [
    'what qemu-img says',
    '{"virtual-size": 10, "format": "qcow2"}',
    (text) => {
      checkDiskInfo(text, 'd');
    },
  ],
  [
    'a preview',
    readFileSync('test/review/fixtures/preview.json', 'utf8'),
    (text) => formatSummary('prod', summarize(parsePreview(text, 'p'), new Date()), undefined),
  ],
  ['a forecast', FORECAST, (text) => parseForecast(text, 'f')],
  ['a console', CONSOLE, judgeConsole],
  ['a package list on a console', LISTING, readPackages],
];

test.each(PARSERS)(
  '%s, broken in many ways, is a value or a mistake in words',
  { timeout: 300_000 },
  (_, text, parse) => expectExplained(text, (input) => Promise.resolve(input).then(parse)),
);
