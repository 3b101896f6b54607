import { fileURLToPath } from "node:url";

// The folder above has the packages. Without these lines Next looks for it, and lockfiles further up mislead it.
const root = fileURLToPath(new URL("..", import.meta.url));
export default { output: "standalone", outputFileTracingRoot: root, turbopack: { root } };
