import type { PageData, PageImage, PageVersion } from '../../src/page/page-data.ts';
import { samplePage } from './sample.ts';
import { sha256 } from './sample-versions.ts';

const IMAGES = 300;
const VERSIONS = 50;

/** Versions with details: the newest five, and what two branches have. */
const DETAILED = 7;

/** 300 images with 50 versions each. */
export function largePage(): PageData {
  const sample = samplePage();
  const models = sample.images.filter(({ versions }) => versions.length >= DETAILED);
  const images = Array.from({ length: IMAGES }, (_, at) => {
    const model = models[at % models.length];
    return model === undefined ? [] : [imageOf(model, `${model.name}-${at}`)];
  });
  return { ...sample, images: images.flat() };
}

function imageOf(model: PageImage, name: string): PageImage {
  const versions = Array.from({ length: VERSIONS }, (_, age): PageVersion[] => {
    const like = model.versions[Math.min(age, model.versions.length - 1)];
    if (like === undefined) return [];
    const hash = sha256(`${name} ${age}`);
    const version = { ...like, digest: `sha256:${hash}`, tag: hash.slice(0, 32) };
    return [age < DETAILED ? version : { ...version, details: undefined }];
  });
  return { ...model, name, versions: versions.flat() };
}
