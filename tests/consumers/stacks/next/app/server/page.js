// A server component, which Next renders while it builds.
import { shop } from "../../shop.js";

export default async function Page() {
  return <pre>{JSON.stringify(await shop())}</pre>;
}
