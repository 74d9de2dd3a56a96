import { measure, type Benchmark } from './measure.ts';
import { readPageAssets } from '../../src/cli/page-assets.ts';
import { describeDetails, detailedPublications } from '../../src/page/describe-details.ts';
import { describePage } from '../../src/page/describe-page.ts';
import { publicationsByImage } from '../../src/page/publications.ts';
import { renderSite } from '../../src/page/render-site.ts';
import { pagePlaces } from '../../src/page/web-address.ts';
import { forecast } from '../../src/retention/forecast.ts';
import { nameOf } from '../../src/retention/members.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { packagesOf } from '../packages/packages-of.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, held, NOW, someRetention, tag } from '../retention/retention-fixture.ts';
import { somePlannedImage } from '../support/some-planned-image.ts';

const VERSIONS = 50;
const PACKAGES = 300;
/** Packages that differ between two versions. */
const CHANGED = 15;

const range = (length: number) => Array.from({ length }, (_, at) => at);

/** The page of so many images of fifty versions, from the forecast to the files. */
export const page: Benchmark = {
  name: 'page',
  what: 'page of images of 50 versions that 10 branches need',
  sizes: [30, 300],
  unit: 'images',
  goal: '300 in under 3 s and 10 MB',
  async run(size) {
    const branches = range(10).map((at) => branch(`release-2.${at}`));
    const images = range(size).map((at) => {
      return somePlannedImage({ name: `image-${at}`, tag: tagOf(at, 0), line: at + 1 });
    });
    const needs = branches.flatMap((of, row) =>
      range(size).map((at) => need(of, `image-${at}`, tagOf(at, row))),
    );
    const references = { branches, needs };
    const versions = range(size).flatMap((at) =>
      range(VERSIONS).flatMap((row) => wholeOf(at, row)),
    );
    const found = forecast({
      versions,
      live: [],
      references,
      retention: someRetention(),
      now: NOW,
      at: NOW,
    });
    const publications = publicationsByImage(found.versions);
    const read = range(VERSIONS).map(readOf);
    const details = [...publications.values()].flatMap((all) =>
      detailedPublications(all, ({ version }) => version.tags.length > 1).map(({ version }, at) => {
        const [now = readOf(0), before] = [read[at], read[at + 1]];
        return [nameOf(version), describeDetails(now, before)] as const;
      }),
    );
    const source = 'https://gitlab.example.com/ci/images';
    const assets = readPageAssets();
    let bytes = 0;
    const result = await measure(() => {
      const data = describePage({
        day: '2026-12-01',
        registry: 'registry.example/ci',
        catalogFile: 'config/images.yml',
        images,
        references,
        forecast: found,
        isDryRun: false,
        details: new Map(details),
        stale: new Set(),
        places: pagePlaces([{ name: 'ci', repository: source }], { source, revision: '' }),
        warnings: [],
        notes: [],
      });
      for (const content of renderSite(data, assets).values()) bytes += Buffer.byteLength(content);
    });
    return { ...result, plugIns: `none; ${size} images are ${(bytes / 1e6).toFixed(1)} MB` };
  },
};

function tagOf(image: number, row: number) {
  return tag((image * VERSIONS + row).toString(16).padStart(32, '0'));
}

/** An index, its image and the attestation of that. */
function wholeOf(image: number, row: number): readonly HeldVersion[] {
  const name = `image-${image}`;
  const id = (part: number) =>
    digest(((image * VERSIONS + row) * 4 + part).toString(16).padStart(8, '0'));
  const members = [
    { digest: id(1), platform: 'linux/amd64' },
    { digest: id(2), platform: undefined },
  ];
  const tags = [tagOf(image, row), ...(row === 0 ? ['latest'] : [])];
  return [
    held(name, row * 3, { digest: id(0), tags, members }),
    ...members.map((member) => held(name, row * 3, { digest: member.digest, indexes: [id(0)] })),
  ];
}

function readOf(row: number) {
  const lines = range(PACKAGES).map((at) => {
    return `package-${at} 1.${at < CHANGED ? row : 0}-1 amd64`;
  });
  const labels = Object.fromEntries(range(8).map((at) => [`org.example.label-${at}`, 'some text']));
  const inputs = { base: `docker.io/library/debian:12@sha256:${row}`, snapshot: '2026-11-01' };
  const platform = { labels, inputs, packages: packagesOf('deb', lines) };
  const check = { state: 'ok', text: 'by https://gitlab.example.com/ci' } as const;
  const verification = {
    isUp: true,
    text: 'a login prompt',
    day: '2026-12-01',
    console: range(60).map((at) => `[  OK  ] Started unit-${at}.service - Some unit.`),
  };
  return {
    platforms: { 'linux/amd64': platform },
    signature: check,
    provenance: check,
    verification: row === 0 ? verification : undefined,
  };
}
