// Makes the WIT, the component's interface: every function takes one JSON document and returns one.
import { functions } from "./contract.mjs";
import { kebab, wrapped } from "./words.mjs";

export const wit = () => `package redeemable:engine;

/// The engine for hosts that run components. It imports nothing.
///
/// Each function takes one JSON document and returns one, the same as in every other language. A malformed request is
/// answered with \`{"error": {"code": …, "path": …, "at": […], "message": …}}\`.
world engine {
${functions.map(exported).join("\n")}
}
`;

const exported = ({ name, description }) =>
  `${wrapped(description, 112)
    .map((line) => `  /// ${line}\n`)
    .join("")}  export ${kebab(name)}: func(request: string) -> string;`;
