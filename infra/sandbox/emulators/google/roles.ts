import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, notFound } from './api-error.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkRole, createRole, CreateRequest, Role, RoleBody } from './role.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';
import { applyMask } from './update-mask.ts';

const UndeleteRequest = z.strictObject({ etag: z.string().optional() });

const PARENT = 'v1/projects/{project}/roles';
const ONE = `${PARENT}/{role}` as const;
const MUTABLE_FIELDS = ['title', 'description', 'includedPermissions', 'stage'] as const;

/** The projects' custom roles, by name. A deleted one can still be read, and be undeleted. */
export function roleRoutes(roles: Collection<Role>): Route[] {
  const find = ({ project, role }: { project: string; role: string }) => {
    const name = `projects/${project}/roles/${role}`;
    const found = roles.get(name);
    if (found === undefined) throw notFound(`The role named ${name} was not found.`);
    return found;
  };
  const store = (role: Role) => {
    const etag = createHash('sha256').update(JSON.stringify({ ...role, etag: '' }));
    const next = { ...role, etag: etag.digest('base64').slice(0, 12) };
    roles.set(role.name, next);
    return next;
  };
  return [
    route('POST', `${ONE}:undelete`, ({ params, body }) => {
      parseBody(UndeleteRequest, body);
      const { deleted, ...role } = find(params);
      if (deleted === true) return store(role);
      throw new ApiError('FAILED_PRECONDITION', `The role ${role.name} is not deleted.`);
    }),
    route('POST', PARENT, ({ params: { project }, body }) => {
      const role = createRole(project, parseBody(CreateRequest, body));
      if (roles.get(role.name) === undefined) return store(role);
      throw new ApiError(
        'ALREADY_EXISTS',
        `A role named ${role.name.split('/').at(-1) ?? ''} in projects/${project} already exists.`,
      );
    }),
    route(
      'GET',
      PARENT,
      ({ params: { project }, query }) => {
        const all = roles.entries().map(([, role]) => role);
        const own = all.filter(({ name }) => name.startsWith(`projects/${project}/roles/`));
        const shown = own.filter(
          ({ deleted }) => deleted !== true || query.get('showDeleted') === 'true',
        );
        const { items, nextPageToken } = page(shown, query, 300);
        return { roles: items, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      [...PAGE_PARAMETERS, 'showDeleted', 'view'],
    ),
    route('GET', ONE, ({ params }) => find(params)),
    route(
      'PATCH',
      ONE,
      ({ params, query, body }) => {
        const stored = find(params);
        if (stored.deleted === true) {
          throw new ApiError('FAILED_PRECONDITION', `The role ${stored.name} is deleted.`);
        }
        const changes = parseBody(RoleBody, body, 'role');
        const changed = applyMask(stored, changes, query.get('updateMask'), MUTABLE_FIELDS);
        checkRole(changed);
        return store(changed);
      },
      ['updateMask'],
    ),
    route('DELETE', ONE, ({ params }) => store({ ...find(params), deleted: true }), ['etag']),
  ];
}
