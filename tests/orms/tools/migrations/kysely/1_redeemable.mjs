export { down, up } from "redeemable/over/kysely";
