import { describe, expect, it } from 'vitest';
import { image, MAIN, NEW, OLD, OLDEST, pages, REGISTRY, textOf, version } from './some-pages.ts';
import type { PageData, PageImage } from '../../src/page/page-data.ts';

const ofImage = (parts: Partial<PageImage> = {}) =>
  textOf('images/debian-12.html', { images: [image(parts)] });

describe('the page of an image', () => {
  it('says how to pull it by tag, digest and each alias, with the version that an alias names', () => {
    const text = ofImage();
    expect(text).toContain(`Newest, by immutable tag ${REGISTRY}/debian-12:${NEW.tag}`);
    expect(text).toContain(`Newest, by digest ${REGISTRY}/debian-12@${NEW.digest}`);
    const old = OLD.tag?.slice(0, 12);
    expect(text).toContain(`Alias, now ${old} ${REGISTRY}/debian-12:release-2.31`);
  });

  it('has commands for a container, and a machine for a disk', () => {
    const { declared } = image();
    expect(ofImage()).toContain(
      `docker run --detach --privileged --name debian-12 \\ ${REGISTRY}/debian-12@${NEW.digest}`,
    );
    const tool = ofImage({ declared: declared && { ...declared, verify: ['tool --version'] } });
    expect(tool).toContain(`A container docker run --detach --name debian-12 \\ ${REGISTRY}`);
    expect(ofImage()).toContain(`kind load docker-image ${REGISTRY}/debian-12:${NEW.tag}`);
    const disk = ofImage({ declared: declared && { ...declared, kind: 'vm-disk' } });
    expect(disk).toContain(`containerDisk: image: ${REGISTRY}/debian-12@${NEW.digest}`);
    expect(disk).not.toContain('docker run');
  });

  it('says that the version of the catalog is not there, or that the catalog has no such image', () => {
    const { declared } = image();
    expect(ofImage()).toContain(`Tag of the catalog ${NEW.tag} Needed by`);
    expect(ofImage()).toContain('Versions 2, 70.0 MB, shared layers once, where known');
    expect(ofImage({ versions: [OLD] })).toContain(`${declared?.tag} , not published`);
    expect(ofImage({ declared: undefined })).toContain('Catalog does not have this image');
    expect(ofImage({ versions: [] })).toContain('The registry has no version of this image.');
  });

  it('has verdict and reasons once for neighbours that share them, and the day that each goes on', () => {
    const going = ['2026-08-03', '2026-08-02'].map((day) =>
      version(day, {
        verdict: 'delete',
        goesAt: day.replace('08', '11'),
        reasons: [{ text: 'older than 90d', since: day.replace('08', '11') }],
      }),
    );
    const text = ofImage({ versions: [NEW, OLD, ...going] });
    expect(text.split('keep while: one of the newest 5')).toHaveLength(2);
    expect(text.split('delete : older than 90d')).toHaveLength(2);
    expect(text).toMatch(
      /2026-08-03 \w{32} due 2026-11-03 50\.0 MB 2026-08-02 \w{32} due 2026-11-02 50\.0 MB/,
    );
  });

  it('has a bar until today for what is due, since it is still there', () => {
    const due = version('2026-08-03', { verdict: 'delete', goesAt: '2026-11-03' });
    const page = pages({ images: [image({ versions: [due] })] }).get('images/debian-12.html');
    const [, x, width] = /<rect x="([\d.]+)%" width="([\d.]+)%"/.exec(page ?? '') ?? [];
    const [, today] = /<line class="now" x1="([\d.]+)%"/.exec(page ?? '') ?? [];
    expect(Number(x) + Number(width)).toBeCloseTo(Number(today));
  });

  it('says which versions have details, and that no verification is known', () => {
    expect(ofImage()).toContain('Details are read of the newest five');
    expect(ofImage()).toContain('Last verification None is known');
    expect(ofImage({ versions: [] })).not.toContain('Details are read');
  });

  it('names the branch and the line of a reason, and folds the fifth and later ones', () => {
    const reasons = ['1', '2', '3', '4', '5', '6'].map((text) => ({
      text: `needed by`,
      branch: { source: 'kubespray', branch: `release-${text}` },
      place: { file: 'tests/a.yml', line: 4 },
      since: '2026-09-14',
    }));
    const text = ofImage({ versions: [{ ...NEW, reasons }] });
    expect(text).toContain('keep while: needed by release-1 ( tests/a.yml:4 ) since 2026-09-14');
    expect(text).toMatch(
      /release-4 \( tests\/a.yml:4 \) since 2026-09-14 2 more needed by release-5/,
    );
  });

  it('says that a branch names it in more lines than the one', () => {
    const place = { file: 'tests/a.yml', line: 4 };
    const reason = { text: 'needed by', branch: MAIN, place, otherPlaces: 2 };
    const text = ofImage({ versions: [{ ...NEW, reasons: [reason] }] });
    expect(text).toContain('needed by main ( tests/a.yml:4 and 2 more)');
  });

  it('shows inputs and labels whole at the newest version, and of others what differs', () => {
    const details = (base: string) => ({
      labels: { title: 'node', inputs: 'x' },
      inputs: { base, platform: 'linux/amd64' },
      changes: [],
      packages: { 'linux/amd64': '231 (deb)' },
      signature: { state: 'ok', text: 'signed by ci' } as const,
      provenance: { state: 'missing', text: 'none' } as const,
    });
    const text = ofImage({
      versions: [
        { ...NEW, details: details('debian:12@new') },
        { ...OLD, details: details('debian:12@old') },
      ],
    });
    expect(text).toContain('Details: signature no provenance 0 changes');
    expect(text).toContain(', packages: 231 (deb) Signature signed by ci Provenance none');
    expect(text).toMatch(
      /Inputs and labels title node inputs x base debian:12@new platform linux\/amd64/,
    );
    expect(text).toMatch(/unlike those of \w{12} base debian:12@old Last verification/);
  });

  it('has labels with the names of what each object has', () => {
    const check = { state: 'ok', text: '' } as const;
    const details = { inputs: {}, packages: {}, signature: check, provenance: check };
    const text = ofImage({
      versions: [
        { ...NEW, details: { ...details, labels: { constructor: 'some text' } } },
        { ...OLD, details: { ...details, labels: {} } },
      ],
    });
    expect(text).toContain('Inputs and labels constructor some text');
    expect(text).toMatch(/unlike those of \w{12} constructor none/);
  });

  it('counts all changes, and names the version that they are since, unless it is the next', () => {
    const check = { state: 'ok', text: '' } as const;
    const details = {
      labels: {},
      inputs: {},
      packages: {},
      signature: check,
      provenance: check,
      changes: ['tzdata added'],
      otherChanges: 60,
    };
    const of = (before: string) =>
      ofImage({ versions: [{ ...NEW, details: { ...details, before } }, OLD, OLDEST] });
    expect(of(OLD.digest)).toContain('61 changes');
    expect(of(OLD.digest)).toContain('Changed since the version before tzdata added and 60 more');
    expect(of(OLDEST.digest)).toContain(
      `Changed since ${OLDEST.tag?.slice(0, 12)} , the next older one that was read tzdata`,
    );
  });

  it('has the console of the latest verification alone', () => {
    const verified = (day: string, line: string) => ({
      labels: {},
      inputs: {},
      packages: {},
      signature: { state: 'unknown', text: '' } as const,
      provenance: { state: 'unknown', text: '' } as const,
      verification: { isUp: false, text: 'no prompt', day, console: [line] },
    });
    const text = ofImage({
      versions: [
        { ...NEW, details: verified('2026-11-24', 'first console') },
        { ...OLD, details: verified('2026-11-30', 'second console') },
      ],
    });
    expect(text).toContain('Last verification does not start no prompt, on 2026-11-30');
    expect(text).toContain('second console');
    expect(text).not.toContain('first console');
  });
});

describe('the page of a branch', () => {
  const needs = [
    {
      image: 'debian-12',
      wanted: 'latest',
      places: [{ file: 'a.yml', line: 3 }],
      gets: NEW.digest,
      state: 'there',
    },
    {
      image: 'vm-made-by-hand',
      wanted: 'v13',
      places: [{ file: 'b.yml', line: 1 }],
      state: 'missing',
    },
  ] as const;
  const path = 'branches/ci-images--main.html';

  it('says what it needs, what it gets, and what is missing', () => {
    const text = textOf(path, { branches: [{ ...MAIN, needs }] });
    expect(text).toContain('It needs 2 images: 1 missing .');
    expect(text).toContain(`debian-12 latest there ${NEW.tag?.slice(0, 12)} of 2026-11-24 a.yml:3`);
    expect(text).toContain('vm-made-by-hand v13 missing nothing b.yml:1');
  });

  it('begins with what is missing', () => {
    const text = textOf(path, { branches: [{ ...MAIN, needs }] });
    expect(text.indexOf('vm-made-by-hand')).toBeLessThan(text.indexOf('debian-12'));
  });

  it('takes the name of a version from its own image, where another has the same digest', () => {
    const other = image({ name: 'other', versions: [{ ...NEW, tag: 'f'.repeat(32) }] });
    const text = textOf(path, { branches: [{ ...MAIN, needs }], images: [image(), other] });
    expect(text).toContain(`latest there ${NEW.tag?.slice(0, 12)} of 2026-11-24`);
  });

  it('says that nothing is missing', () => {
    const text = textOf(path, { branches: [{ ...MAIN, needs: [needs[0]] }] });
    expect(text).toContain('It needs one image, and gets all of them.');
    const both = [needs[0], { ...needs[0], wanted: 'v1' }];
    const twice = textOf(path, { branches: [{ ...MAIN, needs: both }] });
    expect(twice).toContain('It needs 2 versions of one image, and gets all of them.');
  });
});

describe('the overview', () => {
  const overview = (parts: Partial<PageData>) => textOf('index.html', parts);

  it('sums up, and warns of what could not be read', () => {
    const text = overview({
      images: [image(), image({ name: 'debian-13', states: ['missing'], versions: [] })],
      cleanUp: { isDryRun: true, next: { day: '2026-12-03', versions: 7, bytes: 2_000_000_000 } },
      sizes: [
        { day: '2026-10-01', bytes: 1_000_000_000 },
        { day: '2026-12-03', bytes: 500_000_000 },
      ],
      warnings: ['release-2.29 could not be read'],
    });
    expect(text).toContain('This page is incomplete release-2.29 could not be read');
    expect(text).toContain('Images 2 1 missing Versions 2 0 to be deleted Size 1.0 GB');
    expect(text).toContain('Next clean-up, a dry run 2.0 GB of 7 versions on 2026-12-03');
    expect(text).toContain('2026-10-01 1.0 GB 2026-12-03 500.0 MB');
  });

  it('has a row for each image, with the age of its newest version and who needs it', () => {
    const text = overview({});
    const tag = NEW.tag?.slice(0, 12);
    expect(text).toContain(`debian-12 published linux/amd64 ${tag} 7 days 50.0 MB 2 main`);
  });

  it('counts each image of its table, also those that the catalog does not have', () => {
    const gone = image({ name: 'gone', declared: undefined, states: ['missing'], versions: [] });
    expect(overview({ images: [image(), gone] })).toContain('Images 2 1 missing');
  });

  it('says what one version frees', () => {
    const next = { day: '2026-12-03', versions: 1, bytes: 1000 };
    const text = overview({ cleanUp: { isDryRun: false, next } });
    expect(text).toContain('1.0 kB of 1 version on 2026-12-03');
  });

  it('calls no image of an empty catalog published', () => {
    const text = overview({ images: [] });
    expect(text).toContain('Images 0 Versions 0');
  });

  it('names sources where there are several', () => {
    const branches = [MAIN, { source: 'kubespray', branch: 'master' }].map((name) => {
      return { ...name, needs: [] };
    });
    const text = overview({ images: [image({ neededBy: branches })], branches });
    expect(text).toContain('ci-images main ; kubespray master');
  });
});
