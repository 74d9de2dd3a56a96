import { readPageAssets } from '../../src/cli/page-assets.ts';
import type { PageData, PageImage, PageVersion } from '../../src/page/page-data.ts';
import { renderSite } from '../../src/page/render-site.ts';
import { sha256 } from './sample-versions.ts';

export const MAIN = { source: 'ci-images', branch: 'main' };
export const REGISTRY = 'registry.example/ci';

export function version(published: string, parts: Partial<PageVersion> = {}): PageVersion {
  return {
    digest: `sha256:${sha256(published)}`,
    tag: sha256(`tag ${published}`).slice(0, 32),
    aliases: [],
    published,
    bytes: 50_000_000,
    platforms: [{ platform: 'linux/amd64', digest: `sha256:${sha256(`amd64 ${published}`)}` }],
    verdict: 'keep',
    reasons: [{ text: 'one of the newest 5' }],
    ...parts,
  };
}

export const NEW = version('2026-11-24', { aliases: ['latest'] });
export const OLDEST = version('2026-09-01');
export const OLD = version('2026-10-01', { aliases: ['release-2.31'] });

export function image(parts: Partial<PageImage> = {}): PageImage {
  const declared = {
    kind: 'container',
    distribution: 'debian',
    version: '12',
    platforms: ['linux/amd64'],
    place: { file: 'config/images.yml', line: 28, url: 'https://git.example/images.yml#L28' },
    tag: NEW.tag ?? '',
  };
  return {
    name: 'debian-12',
    declared,
    states: ['published'],
    neededBy: [MAIN],
    bytes: 70_000_000,
    versions: [NEW, OLD],
    ...parts,
  };
}

/** The pages of some data, by path. */
export function pages(parts: Partial<PageData>): ReadonlyMap<string, string> {
  const data = {
    day: '2026-12-01',
    registry: REGISTRY,
    images: [image()],
    branches: [],
    cleanUp: { isDryRun: false },
    sizes: [],
    warnings: [],
    ...parts,
  };
  return renderSite(data, readPageAssets());
}

/** What a reader sees of a page, in one line. */
export function textOf(path: string, parts: Partial<PageData>): string {
  const page = pages(parts).get(path) ?? '';
  const body = page.slice(page.indexOf('<main'));
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
