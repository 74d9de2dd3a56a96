import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { applyMask } from './update-mask.ts';

const RoleBody = z.strictObject({
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  includedPermissions: z.array(z.string()).optional(),
  stage: z.enum(['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP']).optional(),
  etag: z.string().optional(),
  deleted: z.boolean().optional(),
});
const Role = RoleBody.extend({ name: z.string() });
type Role = z.infer<typeof Role>;

const CreateRequest = z.strictObject({ roleId: z.string().optional(), role: RoleBody.optional() });
const UndeleteRequest = z.strictObject({ etag: z.string().optional() });

const PARENT = 'v1/projects/{project}/roles';
const ONE = `${PARENT}/{role}` as const;
const ROLE_ID = /^[A-Za-z0-9_.]{3,64}$/;
const PERMISSION = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+){2,}$/;
const MUTABLE_FIELDS = ['title', 'description', 'includedPermissions', 'stage'] as const;
const LONGEST_TITLE = 100;
const LONGEST_DESCRIPTION = 300;

/** A project's custom roles, kept in `folder`. A deleted one can still be read, and be undeleted. */
export function roleRoutes(folder: string): Route[] {
  const roles = openCollection(folder, 'roles', Role);
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

function createRole(project: string, request: z.infer<typeof CreateRequest>): Role {
  checkProject(project);
  const { roleId = '', role = {} } = request;
  if (!ROLE_ID.test(roleId)) {
    throw invalidArgument(
      `The role id "${roleId}" is invalid: 3 to 64 letters, digits, underscores and periods.`,
    );
  }
  checkRole(role);
  const { title, description, includedPermissions, stage = 'ALPHA' } = role;
  return {
    name: `projects/${project}/roles/${roleId}`,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(includedPermissions !== undefined && { includedPermissions }),
    stage,
  };
}

function checkRole({
  title = '',
  description = '',
  includedPermissions = [],
}: z.infer<typeof RoleBody>): void {
  const odd = includedPermissions.find((permission) => !PERMISSION.test(permission));
  if (odd !== undefined) throw invalidArgument(`Permission ${odd} is not valid.`);
  if (title.length > LONGEST_TITLE || description.length > LONGEST_DESCRIPTION) {
    throw invalidArgument(
      `A title has at most ${LONGEST_TITLE} characters, a description ${LONGEST_DESCRIPTION}.`,
    );
  }
}
