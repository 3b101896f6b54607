"use client";
// The buyer's page. Next renders it on the server first, where the engine decides as well.
import { useEffect, useRef } from "react";
import { init, usageKeys, validateRedemption } from "redeemable";
import { decisions } from "../decisions.js";

export default function Page() {
  const said = useRef(null);
  useEffect(() => {
    init()
      .then(() => {
        const server = JSON.parse(said.current.textContent);
        globalThis.result = { server, page: decisions(usageKeys, validateRedemption) };
      })
      .catch((error) => {
        globalThis.result = { failed: String(error) };
      });
  }, []);
  const server = typeof window === "undefined" ? JSON.stringify(decisions(usageKeys, validateRedemption)) : "";
  return (
    <pre ref={said} suppressHydrationWarning>
      {server}
    </pre>
  );
}
