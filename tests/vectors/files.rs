//! Made by `make generate` from the names in tests/vectors/; do not edit.
//!
//! The files of vectors, for runtimes that cannot read a folder.

/// Calls `$each` for every file, with a name for its test and the name of the file.
macro_rules! vector_files {
    ($each:ident) => {
        $each! {
            audit "audit.json"
            automatic "automatic.json"
            by_currency "by_currency.json"
            by_type "by_type.json"
            charges "charges.json"
            check "check.json"
            codes "codes.json"
            conditions "conditions.json"
            confirm "confirm.json"
            discounts "discounts.json"
            errors "errors.json"
            errors_conditions "errors_conditions.json"
            errors_groups "errors_groups.json"
            errors_prices "errors_prices.json"
            exchange "exchange.json"
            explain "explain.json"
            facts "facts.json"
            generate "generate.json"
            groups "groups.json"
            half_down "half_down.json"
            holds "holds.json"
            hours "hours.json"
            identities "identities.json"
            kept_time "kept_time.json"
            keys "keys.json"
            known_failures "known-failures.json"
            limits "limits.json"
            lookup "lookup.json"
            order_percent "order_percent.json"
            order_price "order_price.json"
            payments "payments.json"
            periods "periods.json"
            persons "persons.json"
            pick "pick.json"
            policy "policy.json"
            public_view "public_view.json"
            qualify "qualify.json"
            release "release.json"
            report "report.json"
            requires "requires.json"
            scope "scope.json"
            simulate "simulate.json"
            tiers "tiers.json"
            unlocks "unlocks.json"
            validate_promos "validate_promos.json"
        }
    };
}
