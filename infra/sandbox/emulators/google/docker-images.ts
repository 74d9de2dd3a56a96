import { invalidArgument, notFound } from './api-error.ts';
import type { HeldVersion } from './inventory.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { route, type Route } from './router.ts';
import { dockerImageName } from './version-names.ts';
import { findRepository, type World } from './world.ts';

const PARENT = 'v1/projects/{project}/locations/{location}/repositories/{repository}/dockerImages';

/** google.devtools.artifactregistry.v1.DockerImage. */
interface DockerImage {
  readonly name: string;
  readonly uri: string;
  readonly tags?: readonly string[];
  readonly imageSizeBytes: string;
  readonly uploadTime: string;
  readonly updateTime: string;
  readonly mediaType: string;
  readonly buildTime?: string;
}

const ORDERS = [
  'name',
  'uri',
  'imageSizeBytes',
  'uploadTime',
  'updateTime',
  'mediaType',
  'buildTime',
] as const;
type Order = (typeof ORDERS)[number];

/** Every manifest of a repository, with and without tags. */
export function dockerImageRoutes(world: World): Route[] {
  return [
    route(
      'GET',
      PARENT,
      async ({ params, query }) => {
        const { name } = findRepository(world, params);
        const versions = await world.inventory.versions(params);
        const images = versions.map((version) => view(world, name, version));
        const sorted = images.sort(compareBy(query.get('orderBy') ?? ''));
        const { items, nextPageToken } = page(sorted, query);
        return { dockerImages: items, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      [...PAGE_PARAMETERS, 'orderBy'],
    ),
    route('GET', `${PARENT}/{image}`, async ({ params }) => {
      const { name } = findRepository(world, params);
      const versions = await world.inventory.versions(params);
      const found = versions.find(
        ({ packageName, digest }) => `${packageName}@${digest}` === params.image,
      );
      if (found === undefined) throw notFound();
      return view(world, name, found);
    }),
  ];
}

function view({ registry }: World, repository: string, version: HeldVersion): DockerImage {
  const { path, digest, tags, sizeBytes, uploadTime, updateTime, mediaType, buildTime } = version;
  return {
    name: dockerImageName(repository, version),
    uri: `${registry}/${path}@${digest}`,
    ...(tags.length > 0 && { tags }),
    imageSizeBytes: String(sizeBytes),
    uploadTime,
    updateTime,
    mediaType,
    ...(buildTime !== undefined && { buildTime }),
  };
}

/** Such as `upload_time desc`; by name where nothing else decides. */
function compareBy(text: string): (a: DockerImage, b: DockerImage) => number {
  const orders = [...text.split(',').filter((part) => part.trim() !== ''), 'name'].map(parseOrder);
  return (a, b) => {
    for (const { field, sign } of orders) {
      const difference = compare(field, a[field] ?? '', b[field] ?? '');
      if (difference !== 0) return sign * difference;
    }
    return 0;
  };
}

function parseOrder(text: string): { field: Order; sign: 1 | -1 } {
  const [name = '', direction = 'asc', ...rest] = text.trim().split(/\s+/);
  const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const field = ORDERS.find((order) => order === camel);
  if (field === undefined || rest.length > 0 || !['asc', 'desc'].includes(direction)) {
    throw invalidArgument(`invalid order_by "${text.trim()}"`);
  }
  return { field, sign: direction === 'desc' ? -1 : 1 };
}

function compare(field: Order, a: string, b: string): number {
  if (field === 'imageSizeBytes') return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}
