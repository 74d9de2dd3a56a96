/**
 * The images that a `--mount` takes files from. BuildKit reads its value as a line of CSV and its keys
 * in any case (`parseMount` of its Dockerfile instructions).
 */
export function mountSources(value: string): readonly string[] {
  return csvFields(value).flatMap((field) => /^from=(.*)$/is.exec(field)?.[1] ?? []);
}

function csvFields(line: string): readonly string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
