import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';

// The rules of this project for oxlint: which folder may import which, and that domain code sees no clock.

const ROOT = import.meta.dirname;

/** The folders of src, `.` for the files beside them. Each imports what stands before it, and itself. */
const SRC_ORDER = [
  ...['.', 'yaml', 'http', 'settings', 'registry', 'catalog', 'tag', 'packages', 'attestations'],
  ...['branches', 'retention', 'promotion', 'clean-up'],
  ...[
    'google',
    'signing',
    'plan',
    'disk',
    'refresh',
    'review',
    'page',
    'merge-request',
    'doctor',
    'git',
    'verify',
    'build',
    'cli',
  ],
];

/** The folders of infra, in the same way. */
const INFRA_ORDER = ['toolchain', 'engine', 'oci', 'components', '.', 'pipeline', 'sandbox'];

/** The folders of src that see a clock, the environment, files or the network. The rest is domain code. */
const OUTSIDE_WORLD = [
  ...['http', 'registry', 'google', 'signing', 'disk', 'git', 'merge-request', 'doctor', 'verify'],
  ...['attestations', 'build', 'clean-up', 'cli', 'refresh/lookup'],
];

const isInWorld = (file) => OUTSIDE_WORLD.some((folder) => file.startsWith(`src/${folder}/`));
const isDomain = (file) => file.startsWith('src/') && !isInWorld(file);

/** Why a file must not import a module, if it must not. Both paths are relative to the checkout. */
function importProblem(file, module) {
  const [top, target] = [file, module].map((path) => path.split('/')[0]);
  if (top === 'src') {
    if (module.startsWith('@pulumi/')) return 'Only infra/ imports Pulumi.';
    if (target === 'infra') return 'src/ never imports infra/.';
    if (isDomain(file)) {
      const isBuiltin = module.startsWith('node:') || builtinModules.includes(module);
      if (isBuiltin && !['node:crypto', 'node:path'].includes(module)) {
        return 'Domain code sees no file system, network or environment: pass the value as an argument.';
      }
      if (isInWorld(module)) return 'Domain code imports domain code only.';
    }
  }
  if (top !== target || !['src', 'infra'].includes(top)) return undefined;
  const order = top === 'src' ? SRC_ORDER : INFRA_ORDER;
  const [own, other] = [file, module].map((path) => order.indexOf(folderOf(path)));
  if (own === -1) return `Add ${top}/${folderOf(file)} to the order in .oxlint-project.js.`;
  return other > own ? `${top}/${folderOf(file)} comes before ${folderOf(module)}.` : undefined;
}

function folderOf(file) {
  const [, folder, ...rest] = file.split('/');
  return rest.length === 0 ? '.' : folder;
}

/** Checks every import: static, dynamic, of types, and what is exported again. */
const layers = {
  create(context) {
    const file = relative(ROOT, context.filename);
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const isRelative = source.value.startsWith('.');
      const module = isRelative
        ? relative(ROOT, join(ROOT, dirname(file), source.value))
        : source.value;
      const message = importProblem(file, module);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** Domain code gets the time as an argument. */
const clock = {
  create(context) {
    if (!isDomain(relative(ROOT, context.filename))) return {};
    return {
      NewExpression(node) {
        if (node.callee.name !== 'Date' || node.arguments.length > 0) return;
        context.report({ node, message: 'Domain code sees no clock.' });
      },
    };
  },
};

export default { meta: { name: 'project' }, rules: { layers, clock } };
