//! Made by `make generate` from the names in tests/vectors/; do not edit.
//!
//! The files of vectors, for runtimes that cannot read a folder.

/// Calls `$each` for every file, with a name for its test and the name of the file.
macro_rules! vector_files {
    ($each:ident) => {
        $each! {
            audit "audit.json"
            check "check.json"
            codes "codes.json"
            conditions "conditions.json"
            confirm "confirm.json"
            discounts "discounts.json"
            errors "errors.json"
            facts "facts.json"
            generate "generate.json"
            holds "holds.json"
            hours "hours.json"
            identities "identities.json"
            keys "keys.json"
            known_failures "known-failures.json"
            limits "limits.json"
            lookup "lookup.json"
            payments "payments.json"
            periods "periods.json"
            persons "persons.json"
            policy "policy.json"
            public_view "public_view.json"
            qualify "qualify.json"
            release "release.json"
            requires "requires.json"
            scope "scope.json"
            simulate "simulate.json"
            validate_promos "validate_promos.json"
        }
    };
}
