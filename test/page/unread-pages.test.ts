import { describe, expect, it } from 'vitest';
import { image, MAIN, textOf } from './some-pages.ts';

describe('what could not be read is unknown, and not absent', () => {
  const warnings = ['The registry could not be read.'];
  const unknown = image({ states: ['unknown'], neededBy: [], versions: [] });

  it('where the registry could not be read', () => {
    const parts = { images: [unknown], unread: ['registry'], warnings } as const;
    const overview = textOf('index.html', parts);
    expect(overview).toContain('Images 1 1 unknown Versions unknown Size unknown');
    expect(overview).toContain('Next clean-up unknown');
    expect(overview).toContain('linux/amd64 unknown no branch');
    const text = textOf('images/debian-12.html', parts);
    expect(text).toContain('The registry could not be read.');
    expect(text).toContain('Versions unknown');
    expect(text).not.toMatch(/not published|has no version|0 B|verification/);
    const needs = [{ image: 'debian-12', wanted: 'latest', places: [], state: 'unknown' }] as const;
    const branches = [{ ...MAIN, needs }];
    const ofBranch = textOf('branches/ci-images--main.html', { ...parts, branches });
    expect(ofBranch).toContain('debian-12 latest unknown unknown');
  });

  it('where not all branches could be read', () => {
    const parts = { images: [image({ neededBy: [] })], unread: ['branches'], warnings } as const;
    const overview = textOf('index.html', parts);
    expect(overview).toContain('Versions 2 unknown to be deleted');
    expect(overview).toContain('Next clean-up unknown');
    expect(overview).not.toContain('no branch');
    expect(textOf('images/debian-12.html', parts)).toContain('Needed by unknown');
  });

  it('and each page says so', () => {
    const branches = [{ ...MAIN, needs: [] }];
    for (const path of ['images/debian-12.html', 'branches/ci-images--main.html']) {
      expect(textOf(path, { branches, warnings })).toMatch(/^Not everything could be read: see/);
      expect(textOf(path, { branches })).not.toContain('could be read');
    }
  });
});
