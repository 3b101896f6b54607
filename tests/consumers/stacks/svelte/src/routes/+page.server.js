import { usageKeys, validateRedemption } from "redeemable";
import { decisions } from "../decisions.js";

export const load = () => ({ server: decisions(usageKeys, validateRedemption) });
