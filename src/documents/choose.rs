//! Choose: which of several promotions apply to an order.

use serde::{Deserialize, Serialize};

/// Which promotions apply to an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// Every code that was typed, or the order is refused; then each automatic promotion that may join them.
    #[default]
    Entered,
    /// Those that together cost the buyer least, of all that may stand together. At most 6 are weighed.
    Best,
}
