/**
 * Takes the spaces out of the names of here-documents, where the name is quoted and so may have some
 * (`RUN cat <<"THE END"`): dockerfile-ast does not find their ends. No line or column changes.
 */
export function withoutSpacesInHeredocNames(dockerfile: string): string {
  const lines = dockerfile.split('\n');
  for (const [index, line] of lines.entries()) {
    lines[index] = line.replaceAll(
      /<<(-?)(["'])([^"'\n]*\s[^"'\n]*)\2/g,
      (whole: string, dash: string, quotes: string, name: string) => {
        const end = lines.findIndex(
          (each, at) => at > index && (dash ? each.replace(/^\t+/, '') : each) === name,
        );
        const last = lines[end];
        if (last === undefined) return whole;
        const plain = name.replaceAll(/\s/g, '_');
        lines[end] = last.slice(0, last.length - name.length) + plain;
        return `<<${dash}${quotes}${plain}${quotes}`;
      },
    );
  }
  return lines.join('\n');
}
