// Generates Prisma's clients for the three databases and the shop. Prisma would download its schema engine, which
// `generate` does not use: it gets another program in its place.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const providers = readdirSync(new URL("prisma", import.meta.url));
for (const folder of [...providers.map((provider) => `prisma/${provider}`), "shops/prisma"]) {
  const { status, stderr, stdout } = spawnSync("npx", ["prisma", "generate", "--schema", `${folder}/schema.prisma`], {
    cwd: new URL(".", import.meta.url),
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`prisma generate failed for ${folder}\n${stdout}${stderr}`);
}
