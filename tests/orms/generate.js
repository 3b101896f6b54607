// Generates Prisma's clients for the three databases. Prisma would download its schema engine, which `generate` does not
// use: it gets another program in its place.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

for (const provider of readdirSync(new URL("prisma", import.meta.url))) {
  const { status, stderr, stdout } = spawnSync("npx", ["prisma", "generate", "--schema", `prisma/${provider}`], {
    cwd: new URL(".", import.meta.url),
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`prisma generate failed for ${provider}\n${stdout}${stderr}`);
}
