export { down, up } from "redeemable/over/knex";
