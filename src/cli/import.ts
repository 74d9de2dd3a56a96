import { basename, dirname, resolve } from 'node:path';
import { formatDifferences, differencesAsJson } from './format-import.ts';
import { jsonOption, stackOption } from './options.ts';
import { readAs, readListAt, readListOf } from './read-list.ts';
import { requireSettings } from './read-stack.ts';
import { catalogBytes, readCatalog, replaceFile } from './replace-file.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { listRule } from '../catalog/disk-rules.ts';
import { listSources, type ListSource } from '../catalog/list-sources.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { inputError, InvalidInputError } from '../problem.ts';
import { differencesFrom, importList } from '../refresh/lists/import-list.ts';
import type { ParsedList } from '../refresh/lists/kubespray-list.ts';
import { fileProbe, textFetcher } from '../refresh/lookup/text-fetcher.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { parseYaml } from '../yaml/yaml-document.ts';

/**
 * `images import`: makes the VM disks of the catalog those of another project's list, or says how they differ.
 * Writes all of it or nothing, and removes nothing.
 */
export const importCommand = subcommand({
  name: 'import',
  description: "Take the VM disks of another project's list into the catalog",
  arguments: [
    ['<list>', 'whose list: kubespray'],
    [
      '[path]',
      "a checkout of it, or the list's file (default: the source in `imports` of the catalog)",
    ],
  ],
  options: {
    stack: stackOption,
    catalog: option('--catalog <file>', "the catalog (default: that of the stack's settings)"),
    except: option<readonly string[]>(
      '--except <key...>',
      'leave these keys of the list out, beside those in `imports` of the catalog',
    ),
    check: flag('--check', 'write nothing; exit with 4 when the catalog differs from the list'),
    json: jsonOption,
  },
  run: async ({ root, out, err }, options, list, path) => {
    const { stack, catalog, except = [], check, json } = options;
    const invalid = listRule(list);
    if (invalid !== undefined) throw new InvalidInputError([invalid]);
    const file = catalog ?? requireSettings(workingTree(root), stack).catalogFile;
    const place = resolve(root, file);
    const [folder, name] = [dirname(place), basename(place)];
    const bytes = readAs(file, () => readCatalog(folder, name));
    const text = new TextDecoder().decode(bytes);
    const source = listSources(parseYaml(text, file)).find((each) => each.list === list);
    const found = readList(root, path, source, [...(source?.except ?? []), ...except], file);
    for (const key of except.filter((each) => !found.keys.includes(each))) {
      const hint = didYouMean(closest(key, found.keys), 'it leaves nothing out');
      err(`warning: --except names ${quote(key)}, which the list does not have: ${hint}\n`);
    }
    const request = { file, text, tree: workingTree(root) };
    const how = { isChosen: () => true, keepNewer: false };
    const print = (differences: Parameters<typeof formatDifferences>[1], written: boolean) => {
      const asText = () => formatDifferences(file, differences, check === true);
      const asJson = () => JSON.stringify(differencesAsJson(file, differences, written), null, 2);
      out(`${json === true ? asJson() : asText()}\n`);
    };
    if (check === true) {
      const differences = differencesFrom(request, found, how);
      print(differences, false);
      const { added, edits } = differences;
      return added.length + edits.length > 0 ? EXIT_CODES.stale : EXIT_CODES.done;
    }
    const imported = await importList(request, found, how, {
      fetchText: textFetcher(),
      isThere: fileProbe(),
    });
    const isChanged = imported.text !== text;
    if (isChanged) replaceFile(folder, name, bytes, catalogBytes(bytes, imported.text));
    print(imported, isChanged);
    return EXIT_CODES.done;
  },
});

function readList(
  root: string,
  path: string | undefined,
  source: ListSource | undefined,
  except: readonly string[],
  file: string,
): ParsedList {
  if (path !== undefined) return readListAt(root, path, except);
  if (source !== undefined) {
    return readListOf(source, except, sourceOpener({ checkout: root }));
  }
  const problem = 'there is neither a path nor a source of the list in imports';
  const remedy = 'name a checkout behind the list, or add imports to the catalog';
  throw inputError('LIST_UNKNOWN', problem, remedy, { file });
}
