// Makes the JavaScript reference: the exports of the package's type declarations, with their doc comments.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** The package's entries, each with the declarations that it exports, generated ones included. */
export function entries(root) {
  const folder = join(root, "pkg/js");
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const typed = Object.entries(exports).filter(([, target]) => target.types);
  return typed.map(([name, { types }]) => ({
    entry: name === "." ? "redeemable" : `redeemable/${name.slice(2)}`,
    items: declarations(join(folder, types.default)),
  }));
}

/** The generated files whose declarations an entry exports again. */
const MADE = /^\.\/(types|functions|organiser-functions)\.js$/;

function declarations(file) {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const own = source.statements.filter(isExported).map((node) => item(source, node));
  const brought = source.statements
    .filter((node) => ts.isExportDeclaration(node) && MADE.test(node.moduleSpecifier?.text))
    .flatMap((node) => declarations(join(dirname(file), node.moduleSpecifier.text.replace(/js$/, "d.ts"))));
  return [...own, ...brought];
}

const isExported = (node) =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function item(source, node) {
  const [declaration] = ts.isVariableStatement(node) ? node.declarationList.declarations : [node];
  return {
    name: declaration.name.text,
    doc: docOf(node),
    code: node.getText(source).replace(/^export (declare )?/, ""),
    members: members(declaration.members ? declaration : declaration.type).map((member) => ({
      name: member.name.getText(source),
      doc: docOf(member),
      isLiteral: isLiteral(member.type),
    })),
  };
}

/** The fields and methods of an interface, a class or an object type. */
function members(node) {
  if (node === undefined) return [];
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node) || ts.isTypeLiteralNode(node))
    return node.members.filter(({ name }) => name);
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap(members);
  return [];
}

/** Whether a type consists only of literal values, such as `"held"`, `null` or `[]`. */
function isLiteral(type) {
  if (type === undefined) return false;
  if (ts.isUnionTypeNode(type)) return type.types.every(isLiteral);
  return ts.isLiteralTypeNode(type) || (ts.isTupleTypeNode(type) && type.elements.length === 0);
}

const docOf = (node) => (node.jsDoc ?? []).map(({ comment }) => ts.getTextOfJSDocComment(comment)).join("\n\n");

export function typescriptReference(root) {
  const parts = [
    `# JavaScript reference

What the package \`redeemable\` exports, entry by entry, in the words of its type declarations.
Amounts are whole minor units of the currency (1 cent, 1 sat), names that end in \`_ms\` are milliseconds since the
Unix epoch, and null and absent mean the same.
A malformed request is thrown as an \`Error\` with \`code\` (\`invalid_request\`, \`invalid_promo\`, \`duplicate_code\`,
\`amount_out_of_range\`), \`path\` (the field) and \`message\` (what was expected there); a code that is refused is no
error but part of the answer.`,
  ];
  for (const { entry, items } of entries(root)) {
    parts.push(`## \`${entry}\``);
    if (entry === "redeemable/slim")
      parts.push("Everything that `redeemable` exports, and an `init` that takes the file:");
    for (const { name, doc, code } of items) parts.push(`### ${name}`, doc, `\`\`\`ts\n${code}\n\`\`\``);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
