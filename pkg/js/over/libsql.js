// A store over the package `@libsql/client`: a file, an embedded replica, or a server of libSQL such as Turso.
import { sqliteOver } from "../over.js";
import { libsqlBridge } from "./libsql-bridge.js";

export const libsqlStore = (client, options) => sqliteOver(libsqlBridge(client), options);
