"""The desk's own tables and every statement on them, for SQLite and PostgreSQL alike."""

TABLES = """
-- What is sold or held of each wave, and the ticket that stands for the order.
CREATE TABLE IF NOT EXISTS redeemable_orders (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, ticket_type TEXT NOT NULL, state TEXT NOT NULL, expires_at_ms BIGINT,
  ticket_id TEXT, claim TEXT NOT NULL, claimed_at_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS redeemable_orders_of_wave ON redeemable_orders (event_id, ticket_type, state);
-- What each payment is for: written when its invoice is made, and never taken from the payment.
CREATE TABLE IF NOT EXISTS redeemable_payments (
  id TEXT PRIMARY KEY, order_id TEXT NOT NULL, event_id TEXT NOT NULL, wallet_id TEXT NOT NULL, method TEXT NOT NULL,
  total BIGINT NOT NULL, currency TEXT NOT NULL, ends_at_ms BIGINT NOT NULL, answer TEXT,
  outcome TEXT, owed BIGINT NOT NULL DEFAULT 0, refunded BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX IF NOT EXISTS redeemable_payments_of_order ON redeemable_payments (order_id);
CREATE INDEX IF NOT EXISTS redeemable_payments_of_event ON redeemable_payments (event_id);
CREATE INDEX IF NOT EXISTS redeemable_payments_open ON redeemable_payments (ends_at_ms) WHERE outcome IS NULL;
-- How many seats each wave has. The row without a ticket type is the event: it is locked while a seat is taken.
CREATE TABLE IF NOT EXISTS redeemable_waves (
  event_id TEXT NOT NULL, ticket_type TEXT NOT NULL, seat_limit BIGINT, closed BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (event_id, ticket_type)
);
"""

# On SQLite, LNbits opens the extension's file twice. The triggers of the kit read JSON by a virtual table, which
# belongs to the main database: it would lock the file against the transaction itself. So the store keeps these rows.
POINTERS = """
CREATE INDEX IF NOT EXISTS redeemable_held_by ON redeemable_held (id);
CREATE INDEX IF NOT EXISTS redeemable_persons_by ON redeemable_persons (id);
"""

STATEMENTS = {
    "unhold": "DELETE FROM redeemable_held WHERE id = :id",
    "hold": "INSERT INTO redeemable_held (key, expires_at_ms, id) VALUES (:key, :expires_at_ms, :id)",
    "unname": "DELETE FROM redeemable_persons WHERE id = :id",
    "name": "INSERT INTO redeemable_persons (person, id) VALUES (:person, :id)",
    "order": "SELECT * FROM redeemable_orders WHERE id = :id",
    "place": """
        INSERT INTO redeemable_orders (id, event_id, ticket_type, state, claim, claimed_at_ms)
        VALUES (:id, :event_id, :ticket_type, 'new', :claim, :now_ms)
        ON CONFLICT (id) DO UPDATE SET ticket_type = :ticket_type, state = 'new', expires_at_ms = NULL,
            ticket_id = NULL, claim = :claim, claimed_at_ms = :now_ms""",
    "claim": """
        UPDATE redeemable_orders SET ticket_id = NULL, claim = :claim, claimed_at_ms = :now_ms
        WHERE id = :id AND state IN ('held', 'confirmed') AND claim = :was""",
    "issue": """
        UPDATE redeemable_orders SET ticket_id = :ticket_id
        WHERE id = :id AND ticket_id IS NULL AND claim = :claim AND state IN ('held', 'confirmed')""",
    "follow": "UPDATE redeemable_orders SET state = :state, expires_at_ms = :expires_at_ms WHERE id = :id",
    "standing": "UPDATE redeemable_orders SET ticket_id = :ticket_id WHERE id = :id",
    "live_orders": "SELECT id FROM redeemable_orders WHERE event_id = :event_id AND state IN ('held', 'confirmed')",
    "taken": """
        SELECT ticket_type, state, COUNT(*) AS seats FROM redeemable_orders
        WHERE event_id = :event_id AND (state = 'confirmed' OR state = 'held' AND expires_at_ms > :now_ms)
        GROUP BY ticket_type, state""",
    "lock_event": """
        INSERT INTO redeemable_waves AS wave (event_id, ticket_type) VALUES (:event_id, '')
        ON CONFLICT (event_id, ticket_type) DO UPDATE SET closed = FALSE WHERE NOT wave.closed""",
    "close_event": """
        INSERT INTO redeemable_waves (event_id, ticket_type, closed) VALUES (:event_id, '', TRUE)
        ON CONFLICT (event_id, ticket_type) DO UPDATE SET closed = TRUE""",
    "set_seats": """
        INSERT INTO redeemable_waves (event_id, ticket_type, seat_limit) VALUES (:event_id, :ticket_type, :seats)
        ON CONFLICT (event_id, ticket_type) DO UPDATE SET seat_limit = :seats""",
    "seats": "SELECT ticket_type, seat_limit FROM redeemable_waves WHERE event_id = :event_id AND ticket_type <> ''",
    "payment": "SELECT * FROM redeemable_payments WHERE id = :id",
    "payments": "SELECT * FROM redeemable_payments WHERE order_id = :order_id",
    "add_payment": """
        INSERT INTO redeemable_payments
            (id, order_id, event_id, wallet_id, method, total, currency, ends_at_ms, answer, outcome)
        VALUES (:id, :order_id, :event_id, :wallet_id, :method, :total, :currency, :ends_at_ms, :answer, :outcome)
        ON CONFLICT (id) DO NOTHING""",
    "keep": "UPDATE redeemable_payments SET outcome = 'kept' WHERE id = :id AND outcome IS NULL",
    "give_back": """
        UPDATE redeemable_payments SET outcome = 'returned', owed = total
        WHERE id = :id AND (outcome IS NULL OR outcome = 'closed')""",
    "owe": "UPDATE redeemable_payments SET owed = total WHERE id = :id AND outcome = 'kept'",
    "owed": "SELECT * FROM redeemable_payments WHERE event_id = :event_id AND owed > 0 ORDER BY id",
    "refund": "UPDATE redeemable_payments SET refunded = :done WHERE id = :id AND owed > 0 AND refunded <> :done",
    "open": """
        SELECT id FROM redeemable_payments WHERE outcome IS NULL AND ends_at_ms < :before_ms AND NOT EXISTS (
            SELECT 1 FROM redeemable_orders WHERE redeemable_orders.ticket_id = redeemable_payments.id
            AND redeemable_orders.state = 'held')""",
    "close": "UPDATE redeemable_payments SET outcome = 'closed' WHERE id = :id AND outcome IS NULL",
    "sold": "SELECT COUNT(*) AS count FROM redeemable_payments WHERE event_id = :event_id AND outcome = 'kept'",
    "documents": """
        SELECT id, CAST(document AS text) AS document
        FROM (SELECT id, document FROM redeemable_redemptions
            UNION ALL SELECT id, document FROM redeemable_archive) AS record
        WHERE id > :after AND id IN (SELECT id FROM redeemable_orders WHERE event_id = :event_id)
        ORDER BY id LIMIT 500""",
}
