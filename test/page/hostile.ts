import type { PageData, PageReason, PageVersion } from '../../src/page/page-data.ts';
import { sha256 } from './sample-versions.ts';

/** What a registry or a repository may call something. */
export const HOSTILE = [
  `<script>document.title = 'taken'</script>`,
  `"><img src="x" onerror="document.title = 'taken'">`,
  `' autofocus onfocus='document.title = "taken"`,
  '</pre></title></style></script><b>bold</b>',
  '<!-- comment',
  '&lt;b&gt; &amp;amp; &#60;',
  '\u202Egpj.exe\u2066',
  'a\u0000b\u001B[31mred',
  '../../../etc/passwd',
  'javascript:document.title=1',
  '${7*7} {{7*7}}',
  'x'.repeat(300),
] as const;

/** A page whose foreign texts are all made by `foreign`, from a harmless one. */
export function foreignPage(foreign: (text: string) => string): PageData {
  const branch = { source: foreign('source'), branch: foreign('branch') };
  const place = { file: foreign('file.yml'), line: 3, url: foreign('javascript:open') };
  const reason: PageReason = { text: foreign('needed by'), branch, place, since: '2026-11-01' };
  const digest = `sha256:${sha256('digest')}`;
  const check = { state: 'wrong', text: foreign('signed by') } as const;
  const version: PageVersion = {
    digest,
    tag: foreign('tag'),
    aliases: [foreign('latest')],
    published: '2026-10-01',
    bytes: 1000,
    platforms: [{ platform: foreign('linux/amd64'), digest: foreign('sha256:0') }],
    verdict: 'keep',
    reasons: Array.from({ length: 6 }, () => reason),
    details: {
      labels: { [foreign('label')]: foreign('value') },
      inputs: { [foreign('base')]: foreign('debian') },
      changes: [foreign('changed')],
      packages: { [foreign('linux/amd64')]: foreign('7 (deb)') },
      signature: check,
      provenance: check,
      verification: {
        isUp: false,
        text: foreign('not up'),
        day: '2026-11-02',
        console: [foreign('console'), foreign('login:')],
      },
    },
  };
  const image = {
    name: foreign('image'),
    declared: {
      kind: 'vm-disk',
      distribution: foreign('debian'),
      version: foreign('12'),
      platforms: [foreign('linux/amd64')],
      place,
      tag: foreign('other'),
    },
    states: ['missing', 'endangered'],
    neededBy: [branch],
    bytes: 2000,
    versions: [version, { ...version, digest: `sha256:${sha256('old')}`, tag: foreign('old') }],
  } as const;
  const plain = {
    name: foreign('gone'),
    states: ['published'],
    neededBy: [],
    bytes: 1000,
    versions: [version],
  } as const;
  return {
    day: '2026-12-01',
    registry: foreign('registry.example'),
    images: [image, plain],
    branches: [
      {
        ...branch,
        url: foreign('javascript:open'),
        needs: [
          {
            image: image.name,
            wanted: foreign('tag'),
            places: [place],
            gets: digest,
            state: 'there',
          },
          { image: foreign('none'), wanted: foreign('tag'), places: [], state: 'missing' },
        ],
      },
    ],
    cleanUp: { isDryRun: false },
    sizes: [
      { day: '2026-10-01', bytes: 1000 },
      { day: '2026-12-24', bytes: 0 },
    ],
    warnings: [foreign('warning')],
    notes: [foreign('note')],
  };
}
