// `prisma generate` needs this file, and no database.
import { defineConfig } from "prisma/config";

export default defineConfig({});
